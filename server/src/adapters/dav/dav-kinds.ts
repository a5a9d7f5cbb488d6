import type { DavSourceSpec } from '../../ports/source.ts'

const dav = 'DAV:'
const caldav = 'urn:ietf:params:xml:ns:caldav'
const carddav = 'urn:ietf:params:xml:ns:carddav'
const apple = 'http://apple.com/ns/ical/'
const calendarServer = 'http://calendarserver.org/ns/'
const inf = 'http://inf-it.com/ns/ab/'

/** Names in Clark notation, `{namespace}local`. */
export const names = {
  multistatus: `{${dav}}multistatus`,
  response: `{${dav}}response`,
  propstat: `{${dav}}propstat`,
  prop: `{${dav}}prop`,
  status: `{${dav}}status`,
  href: `{${dav}}href`,
  syncToken: `{${dav}}sync-token`,
  collection: `{${dav}}collection`,
  principal: `{${dav}}principal`,
  resourceType: `{${dav}}resourcetype`,
  currentUserPrincipal: `{${dav}}current-user-principal`,
  displayName: `{${dav}}displayname`,
  owner: `{${dav}}owner`,
  reports: `{${dav}}supported-report-set`,
  etag: `{${dav}}getetag`,
  length: `{${dav}}getcontentlength`,
  ctag: `{${calendarServer}}getctag`,
  subscribed: `{${calendarServer}}subscribed`,
  source: `{${calendarServer}}source`,
  components: `{${caldav}}supported-calendar-component-set`,
  addressData: `{${carddav}}supported-address-data`,
} as const

export type DavKind = {
  readonly kind: 'calendar' | 'contact'
  /** As tsdav and the well-known addresses call it (RFC 6764 §5). */
  readonly service: 'caldav' | 'carddav'
  readonly resourceType: string
  readonly homeSet: string
  /** Collections of these types hold no objects of the user's own (RFC 6638 §2). */
  readonly leftOut: readonly string[]
  /** Name of a property in `SourceFolder.properties`, and where it stands. */
  readonly textProperties: Readonly<Record<string, string>>
  /** A report that names every object, for servers whose plain listing is cut short. */
  readonly queryAll: string
}

const common = { displayName: names.displayName, ctag: names.ctag, syncToken: names.syncToken }

export const davKinds: Readonly<Record<DavSourceSpec['kind'], DavKind>> = {
  calendar: {
    kind: 'calendar',
    service: 'caldav',
    resourceType: `{${caldav}}calendar`,
    homeSet: `{${caldav}}calendar-home-set`,
    leftOut: [`{${caldav}}schedule-inbox`, `{${caldav}}schedule-outbox`],
    textProperties: {
      ...common,
      description: `{${caldav}}calendar-description`,
      timezone: `{${caldav}}calendar-timezone`,
      color: `{${apple}}calendar-color`,
      order: `{${apple}}calendar-order`,
    },
    queryAll:
      '<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><d:getetag/></d:prop>' +
      '<c:filter><c:comp-filter name="VCALENDAR"/></c:filter></c:calendar-query>',
  },
  contact: {
    kind: 'contact',
    service: 'carddav',
    resourceType: `{${carddav}}addressbook`,
    homeSet: `{${carddav}}addressbook-home-set`,
    leftOut: [],
    textProperties: {
      ...common,
      description: `{${carddav}}addressbook-description`,
      color: `{${inf}}addressbook-color`,
    },
    queryAll:
      '<a:addressbook-query xmlns:d="DAV:" xmlns:a="urn:ietf:params:xml:ns:carddav"><d:prop><d:getetag/></d:prop>' +
      '<a:filter/></a:addressbook-query>',
  },
}

/** RFC 6352 §8.6 and §10.5.1: the cards that are stored in the version. */
export const cardVersionBody = (version: string): string =>
  '<?xml version="1.0" encoding="utf-8"?><a:addressbook-query xmlns:d="DAV:" xmlns:a="urn:ietf:params:xml:ns:carddav">' +
  '<d:prop><d:getetag/></d:prop><a:filter><a:prop-filter name="VERSION">' +
  `<a:text-match collation="i;octet" match-type="equals">${version}</a:text-match>` +
  '</a:prop-filter></a:filter></a:addressbook-query>'

/** The body of a PROPFIND for properties in Clark notation (RFC 4918 §9.1). */
export const propfindBody = (properties: readonly string[]): string => {
  const elements = properties.map((name) => {
    const [, namespace, local] = /^\{(.*)\}(.*)$/.exec(name) ?? []
    return `<x:${local} xmlns:x="${namespace}"/>`
  })
  return `<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:"><d:prop>${elements.join('')}</d:prop></d:propfind>`
}

/** RFC 6578 §3.2: everything the collection holds (empty token), or what is left after `syncToken`. */
export const syncBody = (syncToken: string): string =>
  '<?xml version="1.0" encoding="utf-8"?><d:sync-collection xmlns:d="DAV:">' +
  `<d:sync-token>${syncToken.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</d:sync-token>` +
  '<d:sync-level>1</d:sync-level><d:prop><d:getetag/></d:prop></d:sync-collection>'
