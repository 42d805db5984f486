/** Times as Salesforce writes them: whole seconds, UTC, an offset without a colon. */

/** Milliseconds since 1970, without what is finer than a second. */
export function wholeSecond(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000
}

/** `2026-01-01T00:00:00.000+0000` */
export function timeText(ms: number): string {
  return `${new Date(wholeSecond(ms)).toISOString().slice(0, 19)}.000+0000`
}

/** Milliseconds since 1970 of a time with a zone; undefined for anything else. */
export function timeOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d)$/.test(text)) return undefined
  const ms = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  return Number.isNaN(ms) ? undefined : ms
}

export function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true
}
