/** The third phase: rows that were missing from a proving listing are asked for, and those that the system does not have are deleted here too, unless something speaks against it (SPEC B-119). */
import { decodeUtf8 } from '@skerry/core'
import type { ExternalRow, ReadAnswer } from '../adapter-port.ts'
import { releaseRow } from '../identity/meet-as.ts'
import { takeRow } from '../incoming.ts'
import { READ_TOGETHER_MAX } from '../limits.ts'
import { linkKey } from '../links.ts'
import type { Shadow } from '../shadow.ts'
import type { BridgeTables } from '../tables.ts'
import { takeRows } from '../take-rows.ts'
import type { Halt } from './walk-calls.ts'
import type { WalkRun } from './walk-run.ts'

/** Version of a row whose end nobody told: what two nodes make of it is the same. */
const GONE_UNSEEN = 'gone'

export async function takeAbsences(run: WalkRun): Promise<Halt | undefined> {
  const { walk, type, notes } = run
  while (!run.isEnded) {
    const rowIds = await notes.missing(READ_TOGETHER_MAX)
    if (rowIds.length === 0) {
      walk.phase = 'records'
      walk.position = undefined
      await run.save()
      return undefined
    }
    const { overtaken, end } = run.shared.watch()
    const { answers, halt } = await run.calls.read(type, rowIds)
    end()
    await takeAnswers(run, rowIds, answers, overtaken)
    if (halt) return halt
  }
  return undefined
}

async function takeAnswers(
  run: WalkRun,
  rowIds: readonly string[],
  answers: readonly ReadAnswer[],
  overtaken: ReadonlySet<string>,
): Promise<void> {
  const { walk, notes, type, shared } = run
  const there = answers.flatMap((answer) => (answer.kind === 'row' ? [{ row: answer.row, overtaken }] : []))
  await takeRows(shared, type, there, { transact: run.transact, again: true })
  const { deleted, unproved } = walk.report.absent
  await run.save(async (tables) => {
    let gone = there.filter(({ row }) => row.deleted).length
    for (const [i, answer] of answers.entries()) {
      const rowId = rowIds[i]!
      if (answer.kind === 'absent' && (await takeAbsent(run, tables, rowId, overtaken))) gone += 1
      notes.dropMissing(tables, rowId)
    }
    walk.report.absent.deleted = deleted + gone
    walk.report.absent.unproved = unproved + answers.length - gone
  })
}

/** @returns whether the row counts as deleted */
async function takeAbsent(
  run: WalkRun,
  tables: BridgeTables,
  rowId: string,
  overtaken: ReadonlySet<string>,
): Promise<boolean> {
  const { context } = run.shared
  const { type } = run
  const link = await tables.get('links', linkKey(type, { id: rowId }))
  const record = link && decodeUtf8(link)
  if (!record) {
    await releaseRow(context, tables, { type, row: { id: rowId } })
    return false
  }
  const shadow = await tables.shadow(record)
  if (shadow?.rowId !== rowId || shadow.gone || overtaken.has(record)) return false
  const isYoung = (await newestEntry(run, record)) > run.walk.startSeq
  if (isYoung || (await tables.item(record))?.state === 'begun') return false
  await takeRow(context, tables, goneRow(shadow))
  return true
}

/** With the value that it had: what was agreed on stays so, should it ever come back. */
function goneRow({ type, rowId, externalId, value }: Shadow): ExternalRow {
  return {
    type,
    id: rowId,
    ...(externalId !== '' && { externalId }),
    version: GONE_UNSEEN,
    deleted: true,
    value,
  }
}

async function newestEntry({ shared }: WalkRun, record: string): Promise<number> {
  return (await shared.replica.entriesOf(record)).at(-1)?.seq ?? 0
}
