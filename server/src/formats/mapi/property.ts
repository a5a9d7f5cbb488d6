/** Property types ([MS-OXCDATA] §2.11.1) that are written here, by name. */
export const propertyTypes = {
  int16: 0x0002,
  int32: 0x0003,
  float64: 0x0005,
  boolean: 0x000b,
  int64: 0x0014,
  string: 0x001f,
  time: 0x0040,
  guid: 0x0048,
  binary: 0x0102,
  int32s: 0x1003,
  strings: 0x101f,
  binaries: 0x1102,
} as const
export type PropertyType = keyof typeof propertyTypes

/** What a value of each type is here. */
export type PropertyValues = {
  readonly int16: number
  readonly int32: number
  readonly float64: number
  readonly boolean: boolean
  readonly int64: bigint
  readonly string: string
  /** Milliseconds since 1970 in UTC; the format keeps 100 ns since 1601. */
  readonly time: number
  /** Sixteen bytes as they are stored: the first three fields little-endian ([MS-DTYP] §2.3.4.2). */
  readonly guid: Uint8Array
  readonly binary: Uint8Array
  readonly int32s: readonly number[]
  readonly strings: readonly string[]
  readonly binaries: readonly Uint8Array[]
}

/** A property by its id, or by a name that each file maps to an id of its own ([MS-OXPROPS] §1.3.2). */
export type PropertyKey =
  | { readonly id: number }
  /** `set` is the GUID of the property set as text, in lower case. */
  | { readonly set: string; readonly lid: number }
  | { readonly set: string; readonly name: string }

export type Property<T extends PropertyType = PropertyType> = {
  /** The canonical name, as in `PidTagSubject` ([MS-OXPROPS] §2). */
  readonly canonicalName: string
  readonly key: PropertyKey
  readonly type: T
}

/** Writes a property of the table down. `source` is the section that defines it. */
export const tagged = <const T extends PropertyType>(canonicalName: string, id: number, type: T): Property<T> => ({
  canonicalName,
  key: { id },
  type,
})
export const named = <const T extends PropertyType>(
  canonicalName: string,
  set: string,
  name: number | string,
  type: T,
): Property<T> => ({
  canonicalName,
  key: typeof name === 'number' ? { set, lid: name } : { set, name },
  type,
})

/** Property sets ([MS-OXPROPS] §1.3.2). */
export const propertySets = {
  mapi: '00020328-0000-0000-c000-000000000046',
  publicStrings: '00020329-0000-0000-c000-000000000046',
  internetHeaders: '00020386-0000-0000-c000-000000000046',
  appointment: '00062002-0000-0000-c000-000000000046',
  task: '00062003-0000-0000-c000-000000000046',
  address: '00062004-0000-0000-c000-000000000046',
  common: '00062008-0000-0000-c000-000000000046',
  log: '0006200a-0000-0000-c000-000000000046',
  note: '0006200e-0000-0000-c000-000000000046',
  meeting: '6ed8da90-450b-101b-98da-00aa003f1305',
} as const

export type PropertyEntry = {
  [T in PropertyType]: {
    readonly property: Property<T>
    /** That of the property, so that an entry says by itself what its value is. */
    readonly type: T
    readonly value: PropertyValues[T]
  }
}[PropertyType]

/** The properties of one object. What is absent is not in it; a value is never null. */
export type PropertyBag = {
  /** The later of two values of one property counts; undefined leaves it as it was. */
  set<T extends PropertyType>(property: Property<T>, value: PropertyValues[T] | undefined): PropertyBag
  get<T extends PropertyType>(property: Property<T>): PropertyValues[T] | undefined
  delete(property: Property): void
  /** In the order in which they were first set. */
  entries(): IterableIterator<PropertyEntry>
}

export const createPropertyBag = (): PropertyBag => {
  const held = new Map<string, PropertyEntry>()
  const bag: PropertyBag = {
    set: (property, value) => {
      if (value !== undefined)
        held.set(property.canonicalName, { property, type: property.type, value } as unknown as PropertyEntry)
      return bag
    },
    get: (property) => held.get(property.canonicalName)?.value as never,
    delete: ({ canonicalName }) => void held.delete(canonicalName),
    entries: () => held.values(),
  }
  return bag
}
