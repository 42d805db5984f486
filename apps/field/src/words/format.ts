/** Numbers, dates and plurals as a language writes them: all of it by Intl, so that a language is a dictionary and nothing else. */

const MINUTES_PER_HOUR = 60
const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Of `Intl.PluralRules`; languages need some of them, all need `other`. `#` stands for the number. */
export type PluralForms = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>

export interface Format {
  readonly locale: string
  number(value: number): string
  /** The form for so many, with the number in it. */
  plural(count: number, forms: PluralForms): string
  /** Of a day (`2027-05-04`): 4 May 2027. */
  day(day: string): string
  /** The same where there is little room: 4 May. */
  shortDay(day: string): string
  /** A moment, milliseconds since 1970: 4 May, 14:05. */
  moment(ms: number): string
  /** How long ago, or until then: 3 minutes ago, in 20 seconds. */
  fromNow(ms: number, nowMs: number): string
  /** Time worked: 1 hr 15 min. */
  duration(minutes: number): string
  bytes(count: number): string
  list(items: readonly string[]): string
}

export function formatFor(locale: string): Format {
  const number = new Intl.NumberFormat(locale)
  const plurals = new Intl.PluralRules(locale)
  // A day has no time zone: it is read and written in the same one.
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' })
  const shortDay = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' })
  const moment = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const list = new Intl.ListFormat(locale)
  const unit = (value: number, name: string, digits = 0) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    }).format(value)
  return {
    locale,
    number: (value) => number.format(value),
    plural: (count, forms) =>
      (forms[plurals.select(count)] ?? forms.other).replaceAll('#', number.format(count)),
    day: (text) => day.format(Date.parse(`${text}T00:00:00Z`)),
    shortDay: (text) => shortDay.format(Date.parse(`${text}T00:00:00Z`)),
    moment: (ms) => moment.format(ms),
    fromNow(ms, nowMs) {
      const away = ms - nowMs
      const size = Math.abs(away)
      if (size < MINUTE_MS) return relative.format(Math.round(away / SECOND_MS), 'second')
      if (size < HOUR_MS) return relative.format(Math.round(away / MINUTE_MS), 'minute')
      if (size < DAY_MS) return relative.format(Math.round(away / HOUR_MS), 'hour')
      return relative.format(Math.round(away / DAY_MS), 'day')
    },
    duration(minutes) {
      const hours = Math.trunc(minutes / MINUTES_PER_HOUR)
      const rest = minutes - hours * MINUTES_PER_HOUR
      const parts = [hours !== 0 && unit(hours, 'hour'), (rest !== 0 || hours === 0) && unit(rest, 'minute')]
      return parts.filter((part) => part !== false).join(' ')
    },
    bytes(count) {
      if (count < 1e3) return unit(count, 'byte')
      if (count < 1e6) return unit(count / 1e3, 'kilobyte')
      if (count < 1e9) return unit(count / 1e6, 'megabyte', 1)
      return unit(count / 1e9, 'gigabyte', 1)
    },
    list: (items) => list.format(items),
  }
}
