/** Deletions that the recycle bin does not show any more, by the list that Salesforce keeps of them (SPEC SF-11, SF-12). */
import type { ExternalRow, Failure } from '@skerry/bridge'
import * as z from 'zod'
import { failureTold, type Told } from './client.ts'
import { deletedRow } from './rows.ts'

const time = z
  .string()
  .transform((text) => Date.parse(text))
  .refine((ms) => !Number.isNaN(ms))
const deletedSchema = z.object({
  deletedRecords: z.array(z.object({ id: z.string().min(15), deletedDate: time })),
  earliestDateAvailable: time,
  latestDateCovered: time,
})

export interface Deletions {
  kind: 'deletions'
  /** Oldest first. */
  rows: ExternalRow[]
  /** Where the next span begins. */
  coveredTo: number
}

/** @param span milliseconds since 1970 */
export function deletedPath(type: string, { from, to }: { from: number; to: number }): string {
  const [start, end] = [from, to].map((ms) =>
    encodeURIComponent(`${new Date(ms).toISOString().slice(0, 19)}+00:00`),
  )
  return `/sobjects/${type}/deleted/?start=${start}&end=${end}`
}

/** `expired`: what was deleted at the beginning of the span is not known any more. */
export function deletionsOf(
  type: string,
  from: number,
  answer: Told,
): Deletions | { kind: 'expired' } | Failure {
  if (answer.errors.some(({ code }) => code === 'INVALID_REPLICATION_DATE' || code === 'EXCEEDED_ID_LIMIT'))
    return { kind: 'expired' }
  if (answer.meaning !== 'done') return failureTold(answer)
  const { data } = deletedSchema.safeParse(answer.body)
  if (!data) return { kind: 'unknown', reason: `${answer.about}: the answer is no list of deletions` }
  if (data.earliestDateAvailable > from) return { kind: 'expired' }
  const inOrder = data.deletedRecords.toSorted(
    (a, b) => a.deletedDate - b.deletedDate || (a.id < b.id ? -1 : 1),
  )
  return {
    kind: 'deletions',
    rows: inOrder.map(({ id }) => deletedRow(type, id)),
    coveredTo: Math.max(from, data.latestDateCovered),
  }
}
