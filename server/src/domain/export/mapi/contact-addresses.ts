import {
  type AddressProperties,
  homeAddress,
  mailingAddress,
  otherAddress,
  PidLidPostalAddressId,
  workAddress,
} from '../../../formats/mapi/properties-contact.ts'
import type { PropertyBag } from '../../../formats/mapi/property.ts'
import { readLongText } from '../../../formats/mime-dir/long-text.ts'
import { type CardProperty, preferenceOf } from '../../../formats/vcf/read-cards.ts'
import { type CardReader, partsOf } from './card-values.ts'
import { textOrAbsent } from './contact-names.ts'
import type { Losses } from './losses.ts'

const places = [
  { id: 1, type: 'home', properties: homeAddress },
  { id: 2, type: 'work', properties: workAddress },
  { id: 3, type: '', properties: otherAddress },
] as const

const addressParts = 7

type Address = Readonly<Record<keyof AddressProperties, string>>

const joined = (parts: readonly string[], mark: string): string => parts.filter((part) => part !== '').join(mark)

/** ADR (RFC 6350 §6.3.1): box, extension, street, city, region, code, country; a label takes the place of the composed text. */
const readAddress = (property: CardProperty): Address => {
  const [postOfficeBox = '', extension = '', street = '', city = '', state = '', postalCode = '', country = ''] =
    partsOf(property)
  const lines = joined([street, extension], '\r\n')
  const composed = joined([postOfficeBox, lines, joined([postalCode, city], ' '), state, country], '\r\n')
  const label = readLongText(property.parameters.LABEL ?? '')
    .trim()
    .replaceAll('\n', '\r\n')
  return { postOfficeBox, street: lines, city, state, postalCode, country, formatted: label || composed }
}

const setAddress = (bag: PropertyBag, properties: AddressProperties, address: Address): void => {
  for (const key of Object.keys(properties) as (keyof AddressProperties)[]) {
    bag.set(properties[key], textOrAbsent(address[key]))
  }
}

/** Addresses ([MS-OXOCNTC] §2.2.1.3): one for home, work and other each; the preferred, else the first, is the mailing address. */
export const setAddresses = (bag: PropertyBag, card: CardReader, losses: Losses): void => {
  const taken = new Map<number, { address: Address; preference: number }>()
  let leftOut = 0
  for (const property of card.take('ADR')) {
    const own = places.find(({ type }) => type !== '' && property.types.has(type)) ?? places[2]
    const place = [own, places[2]].find(({ id }) => !taken.has(id))
    if (place === undefined) {
      leftOut++
      continue
    }
    const address = readAddress(property)
    // RFC 9554 §2.1 has more of them.
    if (
      partsOf(property)
        .slice(addressParts)
        .some((part) => part !== '')
    )
      card.lose(property)
    taken.set(place.id, { address, preference: preferenceOf(property) })
    setAddress(bag, place.properties, address)
  }
  const mailing = [...taken].sort(([, one], [, other]) => one.preference - other.preference)[0]
  if (mailing !== undefined) {
    setAddress(bag, mailingAddress, mailing[1].address)
    bag.set(PidLidPostalAddressId, mailing[0])
  }
  if (leftOut > 0) losses.add('addresses_left_out', `${leftOut}`)
}
