const DAY_MS = 86_400_000
/** The day of the Unix epoch, counted as spreadsheets do: from 30 December 1899. */
const EPOCH_DAY = 25_569
/** The end of the year 9999. */
const LAST_DAY = 2_958_466

/** What a clock shows somewhere, taken for UTC, to the moment that it is. */
export type Zone = (shown: number) => number

/** @param name as Google has it: an IANA name, or `GMT-07:00`. @returns nothing for one that is not known here. */
export function zoneOf(name: string): Zone | undefined {
  try {
    const format = new Intl.DateTimeFormat('en', {
      timeZone: name.replace(/^GMT(?=[+-])/, ''),
      timeZoneName: 'longOffset',
    })
    const offsetAt = (at: number): number => {
      const said = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
      const [, sign, hours = 0, minutes = 0] = /^GMT([+-])(\d\d):(\d\d)/.exec(said) ?? []
      return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
    }
    // On the day when clocks are set the first guess may have the other offset.
    return (shown) => shown - offsetAt(shown - offsetAt(shown))
  } catch {
    return undefined
  }
}

/**
 * The moment that somebody means, in ms since the Unix epoch: by ISO 8601, a date alone for its beginning, or by the serial number that a spreadsheet has for a date. `undefined` for what is none of these, and for what has no offset where the zone is not known.
 */
export function momentIn(said: unknown, zone: Zone | undefined): number | undefined {
  if (typeof said === 'number')
    return said >= 1 && said < LAST_DAY ? zone?.(Math.round((said - EPOCH_DAY) * DAY_MS)) : undefined
  const [, day, time = '00:00', offset] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:\d\d)?)?$/i.exec(String(said).trim()) ?? []
  const at = Date.parse(`${day}T${time}${offset ?? 'Z'}`)
  // The thirtieth of February would be the second of March.
  if (Number.isNaN(at) || new Date(Date.parse(`${day}T00:00Z`)).toISOString().slice(0, 10) !== day) return undefined
  return offset === undefined ? zone?.(at) : at
}
