import {
  PidTagAssistantTelephoneNumber,
  PidTagBusiness2TelephoneNumber,
  PidTagBusinessFaxNumber,
  PidTagBusinessTelephoneNumber,
  PidTagCallbackTelephoneNumber,
  PidTagCarTelephoneNumber,
  PidTagCompanyMainTelephoneNumber,
  PidTagHome2TelephoneNumber,
  PidTagHomeFaxNumber,
  PidTagHomeTelephoneNumber,
  PidTagIsdnNumber,
  PidTagMobileTelephoneNumber,
  PidTagOtherTelephoneNumber,
  PidTagPagerTelephoneNumber,
  PidTagPrimaryFaxNumber,
  PidTagPrimaryTelephoneNumber,
  PidTagRadioTelephoneNumber,
  PidTagTelecommunicationsDeviceForDeafTelephoneNumber,
  PidTagTelexNumber,
} from '../../../formats/mapi/properties-contact.ts'
import type { Property, PropertyBag } from '../../../formats/mapi/property.ts'
import { readText } from '../../../formats/vcf/card-lines.ts'
import type { CardProperty } from '../../../formats/vcf/read-cards.ts'
import type { CardReader } from './card-values.ts'
import type { Losses } from './losses.ts'

type Slot = Property<'string'>

/** Where a number goes that finds the places of its kind taken. */
const overflow: readonly Slot[] = [PidTagOtherTelephoneNumber, PidTagPrimaryTelephoneNumber]

/** The first rule of which all words are among the types of a number counts. */
const rules: readonly (readonly [words: readonly string[], slots: readonly Slot[]])[] = [
  [['fax', 'home'], [PidTagHomeFaxNumber]],
  [
    ['fax', 'work'],
    [PidTagBusinessFaxNumber, PidTagPrimaryFaxNumber],
  ],
  [['fax'], [PidTagPrimaryFaxNumber, PidTagBusinessFaxNumber, PidTagHomeFaxNumber]],
  [['cell'], [PidTagMobileTelephoneNumber, ...overflow]],
  [['mobile'], [PidTagMobileTelephoneNumber, ...overflow]],
  [['iphone'], [PidTagMobileTelephoneNumber, ...overflow]],
  [['pager'], [PidTagPagerTelephoneNumber]],
  [['car'], [PidTagCarTelephoneNumber, ...overflow]],
  [['isdn'], [PidTagIsdnNumber, ...overflow]],
  [['textphone'], [PidTagTelecommunicationsDeviceForDeafTelephoneNumber]],
  [['ttytdd'], [PidTagTelecommunicationsDeviceForDeafTelephoneNumber]],
  [['telex'], [PidTagTelexNumber]],
  [['radio'], [PidTagRadioTelephoneNumber, ...overflow]],
  [['callback'], [PidTagCallbackTelephoneNumber, ...overflow]],
  [['assistant'], [PidTagAssistantTelephoneNumber, ...overflow]],
  [['company'], [PidTagCompanyMainTelephoneNumber, ...overflow]],
  [
    ['work', 'main'],
    [PidTagCompanyMainTelephoneNumber, PidTagBusinessTelephoneNumber, ...overflow],
  ],
  [['main-number'], [PidTagCompanyMainTelephoneNumber, ...overflow]],
  [['home'], [PidTagHomeTelephoneNumber, PidTagHome2TelephoneNumber, ...overflow]],
  [['work'], [PidTagBusinessTelephoneNumber, PidTagBusiness2TelephoneNumber, ...overflow]],
  [['main'], [PidTagPrimaryTelephoneNumber, PidTagOtherTelephoneNumber]],
  [[], overflow],
]

const wordsOf = (property: CardProperty, card: CardReader): ReadonlySet<string> => {
  const words = [...property.types, ...card.labelOf(property).split(/\s+/)]
  return new Set(words.map((word) => word.replace(/^x-(?:evolution-)?/, '')))
}

/** Telephone and fax numbers ([MS-OXOCNTC] §2.2.1.4) by their types, the preferred first; what finds no place stays in the card. */
export const setPhones = (properties: PropertyBag, card: CardReader, losses: Losses): void => {
  let leftOut = 0
  for (const property of card.take('TEL')) {
    const number = readText(property.value).replace(/^tel:/i, '').replace(/;ext=/i, ' x')
    const words = wordsOf(property, card)
    const [, slots] = rules.find(([needed]) => needed.every((word) => words.has(word)))!
    const free = slots.find((slot) => properties.get(slot) === undefined)
    if (free === undefined) leftOut++
    else properties.set(free, number)
  }
  if (leftOut > 0) losses.add('phones_left_out', `${leftOut}`)
}
