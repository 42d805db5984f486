/** Points in time as OData writes them. Inside they are UTC texts with seven digits behind the second, so that they sort as text. */

/** Undefined for what is none. */
export function canonicalTime(text: string): string | undefined {
  const [, moment, fraction = '', zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,12}))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? []
  if (moment === undefined) return undefined
  const ms = Date.parse(`${moment}${zone}`)
  if (Number.isNaN(ms)) return undefined
  return `${new Date(ms).toISOString().slice(0, 19)}.${fraction.slice(0, 7).padEnd(7, '0')}Z`
}

/** What is finer than a millisecond: the same for every row, since ties are what matters. */
const TAIL = '4321'

/** @param ms since 1970 @param digits kept behind the second */
export function timeOfClock(ms: number, digits: number): string {
  const whole = new Date(ms).toISOString().replace('Z', TAIL)
  return `${whole.slice(0, 20 + digits).padEnd(27, '0')}Z`
}

/** @param digits told behind the second; undefined: as many as say something */
export function toldTime(canonical: string, digits?: number): string {
  const fraction = canonical.slice(20, 27)
  const told = digits === undefined ? fraction.replace(/0+$/, '') : fraction.slice(0, digits)
  return `${canonical.slice(0, 19)}${told && `.${told}`}Z`
}
