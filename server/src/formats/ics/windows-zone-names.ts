import { windowsZones } from './windows-zones.ts'

const spelled: ReadonlySet<string> = new Set(['utc', 'gmt', 'us', 'sa', 'gtb', 'fle', 'aus', 'se'])

/** As the registry of Windows spells it: `W. Europe Standard Time`, `GTB Standard Time`. */
const spell = (name: string): string =>
  name.replace(/[a-z]+/g, (word) => (spelled.has(word) ? word.toUpperCase() : word[0]!.toUpperCase() + word.slice(1)))

/** The names Windows has for zones, each with the IANA zone of its main territory. */
export const windowsZoneNames: readonly { readonly windowsName: string; readonly ianaName: string }[] = [
  ...windowsZones,
].map(([windowsName, ianaName]) => ({ windowsName: spell(windowsName), ianaName }))
