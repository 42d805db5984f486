/**
 * Dates and times as text, to the nanosecond and without a zone left open (SPEC B-72). `Date` is only used for the calendar: it has milliseconds and would cut what an ERP counts in
 * microseconds.
 */

const dateForm = /^(\d{4})-(\d{2})-(\d{2})$/
const timeForm =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d{2}(?::?\d{2})?)?$/
const DAY_MS = 86_400_000
/** Behind the second there are three digits at least, as `toISOString` writes them. */
const FRACTION_DIGITS_MIN = 3

/** `2026-03-29`. @throws RangeError for a day that no calendar has */
export function checkedDate(text: string): string {
  const [match, year, month, day] = dateForm.exec(text) ?? []
  if (match === undefined) throw new RangeError(`'${text}' is no date; want one like 2026-03-29`)
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  if (date.toISOString().slice(0, 10) !== text) throw new RangeError(`'${text}' is no day of the calendar`)
  return text
}

/** Midnight UTC of that day, as some systems give it, or a time whose clock stands at zero. @throws RangeError */
export function dateOfTime(text: string): string {
  const [date, clock = ''] = canonicalTime(text, 'Z').split('T')
  if (clock === '00:00:00.000Z') return date!
  throw new RangeError(`'${text}' is a time and no date: its clock does not stand at midnight UTC`)
}

export function dateOfMs(ms: number): string {
  if (ms % DAY_MS === 0) return timeOfMs(ms).slice(0, 10)
  throw new RangeError(`${ms} ms since 1970 is no date: it is not midnight UTC`)
}

/** `2026-03-29T12:00:00.000Z`. @param zone of a time that names none; undefined refuses it @throws RangeError */
export function canonicalTime(text: string, zone?: 'Z'): string {
  const [match, date, hours, minutes, seconds = '00', fraction = '', named = zone] = timeForm.exec(text) ?? []
  if (match === undefined)
    throw new RangeError(`'${text}' is no time; want ISO 8601 with a zone, such as 2026-03-29T12:00:00Z`)
  if (named === undefined)
    throw new RangeError(
      `'${text}' has no zone; write Z, or say as: iso-without-zone if the system means UTC`,
    )
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59)
    throw new RangeError(`'${text}' is no time of a day`)
  const ms =
    Date.parse(`${checkedDate(date!)}T${hours}:${minutes}:${seconds}Z`) - offsetMinutes(named, text) * 60_000
  const behind = fraction.replace(/0+$/, '').padEnd(FRACTION_DIGITS_MIN, '0')
  return `${timeOfMs(ms).slice(0, 19)}.${behind}Z`
}

/** @throws RangeError for a time outside of the years 0000 to 9999 */
export function timeOfMs(ms: number): string {
  const date = new Date(ms)
  const text = Number.isNaN(date.getTime()) ? '' : date.toISOString()
  if (text.length !== 24) throw new RangeError(`${ms} ms since 1970 is no time that can be written`)
  return text
}

function offsetMinutes(zone: string, text: string): number {
  if (zone.toUpperCase() === 'Z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', ''))]
  if (hours > 14 || minutes > 59) throw new RangeError(`'${text}' has a zone that no place has`)
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
