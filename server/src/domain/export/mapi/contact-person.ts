import {
  PidLidBirthdayLocal,
  PidLidFreeBusyLocation,
  PidLidHtml,
  PidLidInstantMessagingAddress,
  PidLidWeddingAnniversaryLocal,
  PidTagAssistant,
  PidTagBirthday,
  PidTagBusinessHomePage,
  PidTagChildrensNames,
  PidTagGender,
  PidTagManagerName,
  PidTagPersonalHomePage,
  PidTagSpouseName,
  PidTagWeddingAnniversary,
} from '../../../formats/mapi/properties-contact.ts'
import type { Property, PropertyBag } from '../../../formats/mapi/property.ts'
import { readText } from '../../../formats/vcf/card-lines.ts'
import type { CardProperty } from '../../../formats/vcf/read-cards.ts'
import { type CardReader, readCardDate } from './card-values.ts'

/** Birthday and anniversary: only dates with a year have a place. */
const setDates = (properties: PropertyBag, card: CardReader): void => {
  const days: [Property<'time'>, Property<'time'>, CardProperty[]][] = [
    [PidTagBirthday, PidLidBirthdayLocal, card.take('BDAY')],
    [
      PidTagWeddingAnniversary,
      PidLidWeddingAnniversaryLocal,
      [...card.take('ANNIVERSARY', 'X-ANNIVERSARY', 'X-EVOLUTION-ANNIVERSARY'), ...card.take('X-ABDATE')],
    ],
  ]
  for (const [day, local, stated] of days) {
    for (const property of stated) {
      const ms =
        property.name !== 'X-ABDATE' || card.labelOf(property) === 'anniversary' ? readCardDate(property) : null
      if (ms === null || properties.get(day) !== undefined) card.lose(property)
      else properties.set(day, ms).set(local, ms)
    }
  }
}

/** Two home pages: one of work, which is the web page of the contact as well, and a personal one. */
const setPages = (properties: PropertyBag, card: CardReader): void => {
  for (const property of card.take('URL')) {
    const isHome = property.types.has('home') || card.labelOf(property) === 'home'
    const order = isHome ? [PidTagPersonalHomePage] : [PidTagBusinessHomePage, PidTagPersonalHomePage]
    const free = order.find((page) => properties.get(page) === undefined)
    if (free === undefined) card.lose(property)
    else properties.set(free, readText(property.value))
  }
  properties.set(PidLidHtml, properties.get(PidTagBusinessHomePage) ?? properties.get(PidTagPersonalHomePage))
  properties.set(PidLidFreeBusyLocation, card.text('FBURL') || undefined)
}

const messengers = ['IMPP', 'X-JABBER', 'X-SKYPE', 'X-SKYPE-USERNAME', 'X-AIM', 'X-ICQ', 'X-MSN', 'X-YAHOO', 'X-GTALK']

const setMessenger = (properties: PropertyBag, card: CardReader): void => {
  const [first, ...others] = card.take(...messengers)
  for (const other of others) card.lose(other)
  if (first === undefined) return
  properties.set(
    PidLidInstantMessagingAddress,
    readText(first.value).replace(/^(?:xmpp|skype|sip|im|aim|msnim|ymsgr):/i, ''),
  )
}

/** GENDER (RFC 6350 §6.2.7): anything but male and female has no place. */
const setGender = (properties: PropertyBag, card: CardReader): void => {
  for (const property of card.take('GENDER', 'X-GENDER')) {
    const [sex = '', identity = ''] = property.value.split(';')
    const value = { F: 1, FEMALE: 1, M: 2, MALE: 2 }[sex.trim().toUpperCase()]
    if (value === undefined || identity !== '' || properties.get(PidTagGender) !== undefined) card.lose(property)
    else properties.set(PidTagGender, value)
  }
}

const relations: readonly (readonly [Property<'string'>, readonly string[], readonly string[]])[] = [
  [
    PidTagSpouseName,
    ['spouse', 'partner'],
    ['X-SPOUSE', 'X-EVOLUTION-SPOUSE', 'X-MS-SPOUSE', 'X-KADDRESSBOOK-X-SPOUSESNAME'],
  ],
  [
    PidTagManagerName,
    ['manager'],
    ['X-MANAGER', 'X-EVOLUTION-MANAGER', 'X-MS-MANAGER', 'X-KADDRESSBOOK-X-MANAGERSNAME'],
  ],
  [
    PidTagAssistant,
    ['assistant'],
    ['X-ASSISTANT', 'X-EVOLUTION-ASSISTANT', 'X-MS-ASSISTANT', 'X-KADDRESSBOOK-X-ASSISTANTSNAME'],
  ],
]

/** RELATED (RFC 6350 §6.6.6) by name, and what clients had before; a reference to another card says no name. */
const setRelations = (properties: PropertyBag, card: CardReader): void => {
  const children: string[] = []
  for (const [target, , names] of relations) properties.set(target, card.text(...names) || undefined)
  for (const property of card.take('RELATED', 'X-ABRELATEDNAMES')) {
    const words = new Set([...property.types, card.labelOf(property)])
    const name = readText(property.value)
    const isName = !/^[a-z][a-z0-9+.-]*:/i.test(name)
    const target = relations.find(([, kinds]) => kinds.some((kind) => words.has(kind)))?.[0]
    if (isName && words.has('child')) children.push(name)
    else if (isName && target !== undefined && properties.get(target) === undefined) properties.set(target, name)
    else card.lose(property)
  }
  properties.set(PidTagChildrensNames, children.length === 0 ? undefined : children)
}

/** Days, pages, messenger, gender and relations ([MS-OXOCNTC] §2.2.1.5 to §2.2.1.10). */
export const setPerson = (properties: PropertyBag, card: CardReader): void => {
  setDates(properties, card)
  setPages(properties, card)
  setMessenger(properties, card)
  setGender(properties, card)
  setRelations(properties, card)
}
