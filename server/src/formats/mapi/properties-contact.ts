import { named, propertySets, tagged } from './property.ts'

const address = propertySets.address

// [MS-OXOCNTC] §2.2.1.1: names
export const PidTagGivenName = tagged('PidTagGivenName', 0x3a06, 'string')
export const PidTagSurname = tagged('PidTagSurname', 0x3a11, 'string')
export const PidTagMiddleName = tagged('PidTagMiddleName', 0x3a44, 'string')
/** What stands before the name: Dr., Mrs. */
export const PidTagDisplayNamePrefix = tagged('PidTagDisplayNamePrefix', 0x3a45, 'string')
/** What stands after the name: Jr., III. */
export const PidTagGeneration = tagged('PidTagGeneration', 0x3a05, 'string')
export const PidTagInitials = tagged('PidTagInitials', 0x3a0a, 'string')
export const PidTagNickname = tagged('PidTagNickname', 0x3a4f, 'string')
export const PidLidFileUnder = named('PidLidFileUnder', address, 0x8005, 'string')
/** 0x8017 surname, given middle; 0x8037 given middle surname; 0x3a16 company; 0xffffffff a text of its own */
export const PidLidFileUnderId = named('PidLidFileUnderId', address, 0x8006, 'int32')
export const PidLidYomiFirstName = named('PidLidYomiFirstName', address, 0x802c, 'string')
export const PidLidYomiLastName = named('PidLidYomiLastName', address, 0x802d, 'string')
export const PidLidYomiCompanyName = named('PidLidYomiCompanyName', address, 0x802e, 'string')

// [MS-OXOCNTC] §2.2.1.2: electronic addresses; the second and third lie 0x10 and 0x20 further
const emailSlot = (no: 1 | 2 | 3) => {
  const base = 0x8080 + (no - 1) * 0x10
  return {
    displayName: named(`PidLidEmail${no}DisplayName`, address, base, 'string'),
    addressType: named(`PidLidEmail${no}AddressType`, address, base + 2, 'string'),
    address: named(`PidLidEmail${no}EmailAddress`, address, base + 3, 'string'),
    originalDisplayName: named(`PidLidEmail${no}OriginalDisplayName`, address, base + 4, 'string'),
    originalEntryId: named(`PidLidEmail${no}OriginalEntryId`, address, base + 5, 'binary'),
  }
}
export const emailSlots = [emailSlot(1), emailSlot(2), emailSlot(3)] as const
/** §2.2.1.2.11: the numbers of the slots in use, from 0 */
export const PidLidAddressBookProviderEmailList = named('PidLidAddressBookProviderEmailList', address, 0x8028, 'int32s')
/** §2.2.1.2.12: the same as bits */
export const PidLidAddressBookProviderArrayType = named('PidLidAddressBookProviderArrayType', address, 0x8029, 'int32')
export const PidLidInstantMessagingAddress = named('PidLidInstantMessagingAddress', address, 0x8062, 'string')

// [MS-OXOCNTC] §2.2.1.3: addresses
export const homeAddress = {
  street: tagged('PidTagHomeAddressStreet', 0x3a5d, 'string'),
  city: tagged('PidTagHomeAddressCity', 0x3a59, 'string'),
  state: tagged('PidTagHomeAddressStateOrProvince', 0x3a5c, 'string'),
  postalCode: tagged('PidTagHomeAddressPostalCode', 0x3a5b, 'string'),
  country: tagged('PidTagHomeAddressCountry', 0x3a5a, 'string'),
  postOfficeBox: tagged('PidTagHomeAddressPostOfficeBox', 0x3a5e, 'string'),
  formatted: named('PidLidHomeAddress', address, 0x801a, 'string'),
} as const
export const workAddress = {
  street: named('PidLidWorkAddressStreet', address, 0x8045, 'string'),
  city: named('PidLidWorkAddressCity', address, 0x8046, 'string'),
  state: named('PidLidWorkAddressState', address, 0x8047, 'string'),
  postalCode: named('PidLidWorkAddressPostalCode', address, 0x8048, 'string'),
  country: named('PidLidWorkAddressCountry', address, 0x8049, 'string'),
  postOfficeBox: named('PidLidWorkAddressPostOfficeBox', address, 0x804a, 'string'),
  formatted: named('PidLidWorkAddress', address, 0x801b, 'string'),
} as const
export const otherAddress = {
  street: tagged('PidTagOtherAddressStreet', 0x3a63, 'string'),
  city: tagged('PidTagOtherAddressCity', 0x3a5f, 'string'),
  state: tagged('PidTagOtherAddressStateOrProvince', 0x3a62, 'string'),
  postalCode: tagged('PidTagOtherAddressPostalCode', 0x3a61, 'string'),
  country: tagged('PidTagOtherAddressCountry', 0x3a60, 'string'),
  postOfficeBox: tagged('PidTagOtherAddressPostOfficeBox', 0x3a64, 'string'),
  formatted: named('PidLidOtherAddress', address, 0x801c, 'string'),
} as const
/** The address that letters go to, whichever of the three it is. */
export const mailingAddress = {
  street: tagged('PidTagStreetAddress', 0x3a29, 'string'),
  city: tagged('PidTagLocality', 0x3a27, 'string'),
  state: tagged('PidTagStateOrProvince', 0x3a28, 'string'),
  postalCode: tagged('PidTagPostalCode', 0x3a2a, 'string'),
  country: tagged('PidTagCountry', 0x3a26, 'string'),
  postOfficeBox: tagged('PidTagPostOfficeBox', 0x3a2b, 'string'),
  formatted: tagged('PidTagPostalAddress', 0x3a15, 'string'),
} as const
export type AddressProperties = typeof homeAddress | typeof workAddress | typeof otherAddress | typeof mailingAddress
/** 1 home, 2 work, 3 other */
export const PidLidPostalAddressId = named('PidLidPostalAddressId', address, 0x8022, 'int32')

// [MS-OXOCNTC] §2.2.1.4: telephones and faxes
export const PidTagBusinessTelephoneNumber = tagged('PidTagBusinessTelephoneNumber', 0x3a08, 'string')
export const PidTagBusiness2TelephoneNumber = tagged('PidTagBusiness2TelephoneNumber', 0x3a1b, 'string')
export const PidTagHomeTelephoneNumber = tagged('PidTagHomeTelephoneNumber', 0x3a09, 'string')
export const PidTagHome2TelephoneNumber = tagged('PidTagHome2TelephoneNumber', 0x3a2f, 'string')
export const PidTagMobileTelephoneNumber = tagged('PidTagMobileTelephoneNumber', 0x3a1c, 'string')
export const PidTagOtherTelephoneNumber = tagged('PidTagOtherTelephoneNumber', 0x3a1f, 'string')
export const PidTagPrimaryTelephoneNumber = tagged('PidTagPrimaryTelephoneNumber', 0x3a1a, 'string')
export const PidTagPagerTelephoneNumber = tagged('PidTagPagerTelephoneNumber', 0x3a21, 'string')
export const PidTagCarTelephoneNumber = tagged('PidTagCarTelephoneNumber', 0x3a1e, 'string')
export const PidTagRadioTelephoneNumber = tagged('PidTagRadioTelephoneNumber', 0x3a1d, 'string')
export const PidTagIsdnNumber = tagged('PidTagIsdnNumber', 0x3a2d, 'string')
export const PidTagTelexNumber = tagged('PidTagTelexNumber', 0x3a2c, 'string')
export const PidTagCallbackTelephoneNumber = tagged('PidTagCallbackTelephoneNumber', 0x3a02, 'string')
export const PidTagAssistantTelephoneNumber = tagged('PidTagAssistantTelephoneNumber', 0x3a2e, 'string')
export const PidTagCompanyMainTelephoneNumber = tagged('PidTagCompanyMainTelephoneNumber', 0x3a57, 'string')
export const PidTagTelecommunicationsDeviceForDeafTelephoneNumber = tagged(
  'PidTagTelecommunicationsDeviceForDeafTelephoneNumber',
  0x3a4b,
  'string',
)
export const PidTagBusinessFaxNumber = tagged('PidTagBusinessFaxNumber', 0x3a24, 'string')
export const PidTagHomeFaxNumber = tagged('PidTagHomeFaxNumber', 0x3a25, 'string')
export const PidTagPrimaryFaxNumber = tagged('PidTagPrimaryFaxNumber', 0x3a23, 'string')

// [MS-OXOCNTC] §2.2.1.5 and §2.2.1.6: days and work
/** Midnight UTC of the date. */
export const PidTagBirthday = tagged('PidTagBirthday', 0x3a42, 'time')
export const PidLidBirthdayLocal = named('PidLidBirthdayLocal', address, 0x80de, 'time')
/** Midnight UTC of the date. */
export const PidTagWeddingAnniversary = tagged('PidTagWeddingAnniversary', 0x3a41, 'time')
export const PidLidWeddingAnniversaryLocal = named('PidLidWeddingAnniversaryLocal', address, 0x80df, 'time')
export const PidTagTitle = tagged('PidTagTitle', 0x3a17, 'string')
export const PidTagCompanyName = tagged('PidTagCompanyName', 0x3a16, 'string')
export const PidTagDepartmentName = tagged('PidTagDepartmentName', 0x3a18, 'string')
export const PidTagManagerName = tagged('PidTagManagerName', 0x3a4e, 'string')
export const PidTagAssistant = tagged('PidTagAssistant', 0x3a30, 'string')
export const PidTagProfession = tagged('PidTagProfession', 0x3a46, 'string')

// [MS-OXOCNTC] §2.2.1.7 to §2.2.1.10
export const PidLidHasPicture = named('PidLidHasPicture', address, 0x8015, 'boolean')
export const PidTagSpouseName = tagged('PidTagSpouseName', 0x3a48, 'string')
export const PidTagChildrensNames = tagged('PidTagChildrensNames', 0x3a58, 'strings')
export const PidTagPersonalHomePage = tagged('PidTagPersonalHomePage', 0x3a50, 'string')
export const PidTagBusinessHomePage = tagged('PidTagBusinessHomePage', 0x3a51, 'string')
export const PidLidHtml = named('PidLidHtml', address, 0x802b, 'string')
/** 1 female, 2 male, 0 not said */
export const PidTagGender = tagged('PidTagGender', 0x3a4d, 'int16')
export const PidLidFreeBusyLocation = named('PidLidFreeBusyLocation', address, 0x80d8, 'string')

// [MS-OXOCNTC] §2.2.2: personal distribution lists
export const PidLidDistributionListName = named('PidLidDistributionListName', address, 0x8053, 'string')
export const PidLidDistributionListOneOffMembers = named(
  'PidLidDistributionListOneOffMembers',
  address,
  0x8054,
  'binaries',
)
export const PidLidDistributionListMembers = named('PidLidDistributionListMembers', address, 0x8055, 'binaries')
