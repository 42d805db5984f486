/**
 * The collection of the edge and hub rounds. Every edit leaves its mark in three places that must agree: a key of `marks`, one step of the counter `edits`, a word
 * of `log`. An edit that was lost is in none of them, one that was applied twice is in `marks` once and in the others twice.
 */
import { collection, counter, text } from '@skerry/core'
import * as z from 'zod'
import type { Marking } from './marking.ts'

export const SPACE = 'faults'

export const visits = collection(
  'visits',
  z.object({
    title: z.string(),
    marks: z.record(z.string(), z.boolean()),
    edits: counter(),
    log: text(),
  }),
)

export const collections = { visits }

export interface Visit {
  title: string
  marks: Record<string, boolean>
  edits: number
  log: string
}

export const visitMarking: Marking<Visit> = {
  newRecord: (mark) => ({ title: `begun by ${mark}`, marks: { [mark]: true }, edits: 1, log: `${mark} ` }),
  markRecord(draft, mark) {
    draft.title = `edited by ${mark}`
    draft.marks[mark] = true
    draft.edits += 1
    draft.log += `${mark} `
  },
  place: 'hub',
  unansweredMax: 50,
}

/** What is wrong with a visit in itself: `undefined` when each mark is there exactly once. */
export function disagreement({ marks, edits, log }: Visit): string | undefined {
  const inMarks = Object.keys(marks).sort()
  const inLog = log
    .split(' ')
    .filter((word) => word !== '')
    .sort()
  if (edits !== inMarks.length) return `${inMarks.length} marks and a counter of ${edits}`
  if (JSON.stringify(inMarks) !== JSON.stringify(inLog))
    return `marks ${inMarks.join(' ')} and a log of ${inLog.join(' ')}`
  return undefined
}
