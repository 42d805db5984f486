/** The second phase of a walk that proves: which living rows known here no page had (SPEC B-118, B-120). Only the store is asked. */
import { pairRow } from '../identity/pair.ts'
import { ABSENT_FREE, SCAN_ROWS, SEEN_ROWS_MAX } from '../limits.ts'
import { linkKey } from '../links.ts'
import { type TableKind, tableOf } from '../tables.ts'
import { knownRow } from './compare.ts'
import { hashOf, isAmong, partOf } from './notes.ts'
import type { WalkRun } from './walk-run.ts'

export async function findMissing(run: WalkRun): Promise<void> {
  const { walk } = run
  const parts = Math.max(1, Math.ceil(walk.report.listed / SEEN_ROWS_MAX))
  for (; walk.part < parts; walk.part += 1) {
    const listed = await partOf(run.notes, walk.part, parts)
    const isMissing = (rowId: string) => {
      const hash = hashOf(run.shared.context.host, walk.startedAt!, rowId)
      return hash % parts === walk.part && !isAmong(listed, hash)
    }
    if (!(await missingOf(run, isMissing))) return
    walk.position = undefined
  }
  walk.phase = areTooMany(run) ? 'records' : 'absences'
  await run.save()
}

/** @returns false when the bridge ends */
async function missingOf(run: WalkRun, isMissing: (rowId: string) => boolean): Promise<boolean> {
  const { walk, type } = run
  for await (const rowIds of rowsUnder(run, 'links', linkKey(type, { id: '' }), walk.position)) {
    const missing: string[] = []
    for (const rowId of rowIds) if (isMissing(rowId) && (await lives(run, rowId))) missing.push(rowId)
    walk.report.absent.found += missing.length
    walk.position = rowIds.at(-1)
    await keep(run, missing)
    if (run.isEnded) return false
  }
  // A row in doubt has no record yet; what holds back the records that it might be must not outlive it.
  for await (const rowIds of rowsUnder(run, 'pairs', pairRow(type, ''), undefined))
    await keep(run, rowIds.filter(isMissing))
  return true
}

function keep(run: WalkRun, missing: readonly string[]): Promise<void> {
  return run.save((tables) => {
    for (const rowId of missing) run.notes.keepMissing(tables, rowId)
  })
}

async function lives(run: WalkRun, rowId: string): Promise<boolean> {
  const known = await knownRow(run.shared, run.type, rowId)
  return known !== undefined && !known.gone
}

/** Ids behind a prefix, page by page, in ascending order. */
async function* rowsUnder(
  { shared }: WalkRun,
  kind: TableKind,
  prefix: string,
  from: string | undefined,
): AsyncGenerator<string[]> {
  const table = tableOf(shared.context.system, kind)
  for (let after = from; ; ) {
    const range = { prefix, limit: SCAN_ROWS, ...(after !== undefined && { after: `${prefix}${after}` }) }
    const ids = (await shared.replica.tableRows(table, range)).map(({ key }) => key.slice(prefix.length))
    if (ids.length > 0) yield ids
    after = ids.at(-1)
    if (ids.length < SCAN_ROWS) return
  }
}

/** So many deletions at once are rather a right that was taken away, or a filter that was added. */
function areTooMany({ shared, type, walk }: WalkRun): boolean {
  const { found } = walk.report.absent
  const { listed } = walk.report
  if (walk.acceptDeletions || found <= ABSENT_FREE || found <= listed) return false
  walk.report.absent.unproved += found
  shared.context.report({
    level: 'error',
    code: 'deletions-doubtful',
    message: `${shared.context.system} lists ${listed} ${type}, and ${found} that were there are missing; none is deleted here. If they are gone indeed: reconcile({ type: '${type}', acceptDeletions: true })`,
    fields: { type, missing: found },
  })
  return true
}
