/** A splice as several, of so many records each that no task of the page is long (M-3, O-3): all but the last say that more comes. */
import type { Splice } from '@skerry/live'
import { RECORDS_PER_MESSAGE_MAX } from './limits.ts'

export function inParts({ at, removed, inserted, more }: Splice): Splice[] {
  if (inserted.length <= RECORDS_PER_MESSAGE_MAX)
    return [{ at, removed, inserted, ...(more ? { more } : {}) }]
  const parts: Splice[] = []
  for (let i = 0; i < inserted.length; i += RECORDS_PER_MESSAGE_MAX) {
    const isLast = i + RECORDS_PER_MESSAGE_MAX >= inserted.length
    parts.push({
      at: at + i,
      removed: i === 0 ? removed : 0,
      inserted: inserted.slice(i, i + RECORDS_PER_MESSAGE_MAX),
      ...(isLast && !more ? {} : { more: true }),
    })
  }
  return parts
}
