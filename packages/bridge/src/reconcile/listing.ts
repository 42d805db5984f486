/** The first phase of a walk: every page of the listing, compared, read where it differs, and taken in (SPEC B-116, B-117). The next page is asked for while this one is worked on. */
import { encodeUtf8 } from '@skerry/core'
import type { ExternalRow, ListAnswer, ListedRow } from '../adapter-port.ts'
import { mappingOfRecord } from '../choose-mapping.ts'
import type { BridgeContext } from '../context.ts'
import { endFirstContact } from '../identity/contact.ts'
import { knownPart, resolveReferences } from '../mapping/references.ts'
import { mappedValue } from '../mapping.ts'
import { atHand } from '../plan.ts'
import type { BridgeTables } from '../tables.ts'
import { type Outcome, type Told, takeRows } from '../take-rows.ts'
import { setAside } from '../unread.ts'
import { type Compared, comparison, leftRow } from './compare.ts'
import { type Drift, rowDrift } from './drift.ts'
import { hashOf } from './notes.ts'
import { countDrift, countOutcomes } from './report.ts'
import { type Halt, isHalt } from './walk-calls.ts'
import type { WalkRun } from './walk-run.ts'

interface Asked {
  answer: Promise<ListAnswer | Halt>
  /** Records that a call has changed since (B-26). */
  overtaken: ReadonlySet<string>
  end(): void
}

type Same = Exclude<Compared, 'differs'>

type Page = Extract<ListAnswer, { kind: 'page' }>

export async function walkListing(run: WalkRun): Promise<Halt | undefined> {
  let asked = ask(run, run.walk.position)
  try {
    for (;;) {
      const answer = await asked.answer
      if (isHalt(answer)) return answer
      if (answer.kind === 'expired') {
        const halt = await beginAnew(run)
        if (halt) return halt
        asked.end()
        asked = ask(run, undefined)
        continue
      }
      if (!answer.complete && answer.next === run.walk.position)
        return {
          kind: 'rejected',
          reason: `a page that is not the last leads back to itself, position ${answer.next}`,
        }
      const page = asked
      asked = answer.complete ? asked : ask(run, answer.next)
      const halt = await takePage(run, answer, page.overtaken)
      page.end()
      if (halt || answer.complete || run.isEnded) return halt
    }
  } finally {
    asked.end()
  }
}

function ask(run: WalkRun, position: string | undefined): Asked {
  const { overtaken, end } = run.shared.watch()
  return { answer: run.calls.list(run.type, position), overtaken, end }
}

/** What was listed so far proves nothing together with what comes now. */
async function beginAnew(run: WalkRun): Promise<Halt | undefined> {
  const { walk } = run
  if (walk.position === undefined)
    return { kind: 'rejected', reason: 'a listing without a position was answered with "expired"' }
  await run.notes.clear()
  Object.assign(walk, { position: undefined, pages: 0, proves: true })
  await run.save()
  return undefined
}

async function takePage(run: WalkRun, page: Page, overtaken: ReadonlySet<string>): Promise<Halt | undefined> {
  const { walk } = run
  const { report } = walk
  const { toTake, toRead, outcomes } = await sorted(run, page.rows)
  const { told, halt } = await readRows(run, toRead)
  await take(run, [...toTake.map((row) => ({ row, overtaken })), ...told])
  if (halt) return halt
  countOutcomes(report, outcomes)
  report.listed += page.rows.length
  report.read += toTake.length + toRead.length
  const { host } = run.shared.context
  const alive = page.rows.filter(({ deleted }) => !deleted)
  const hashes = Float64Array.from(alive, ({ id }) => hashOf(host, walk.startedAt!, id))
  const number = walk.pages
  walk.pages += 1
  walk.proves &&= page.proves
  walk.position = page.complete ? undefined : page.next
  if (page.complete) walk.phase = report.cause === 'first' ? 'over' : walk.proves ? 'missing' : 'records'
  await run.save(async (tables) => {
    run.notes.keepPage(tables, number, hashes)
    if (page.complete) for (const mapping of run.mappings) await endFirstContact(tables, mapping)
  })
  return undefined
}

/** Before a type's first import nothing is known, and looking for it would cost as much as taking it in. */
async function sorted(
  run: WalkRun,
  rows: readonly ListedRow[],
): Promise<{ toTake: ExternalRow[]; toRead: string[]; outcomes: Same[] }> {
  const { shared, type, walk } = run
  const { freshListing } = shared.adapter.capabilities
  const toTake: ExternalRow[] = []
  const toRead: string[] = []
  const outcomes: Same[] = []
  const isTaken = ({ row }: ListedRow) => row !== undefined && freshListing && walk.report.cause === 'first'
  const compare = await comparison(
    shared,
    type,
    rows.filter((listed) => !isTaken(listed)),
  )
  for (const listed of rows) {
    const isFresh = listed.row !== undefined && freshListing
    const compared = isTaken(listed) ? 'differs' : await compare(listed)
    if (compared !== 'differs') outcomes.push(compared)
    else if (isFresh) toTake.push(listed.row!)
    else toRead.push(listed.id)
  }
  return { toTake, toRead, outcomes }
}

async function readRows(run: WalkRun, ids: readonly string[]): Promise<{ told: Told[]; halt?: Halt }> {
  if (ids.length === 0) return { told: [] }
  const { type } = run
  const { overtaken, end } = run.shared.watch()
  const { answers, halt } = await run.calls.read(type, ids)
  end()
  const told: Told[] = []
  for (const [i, answer] of answers.entries()) {
    const id = ids[i]!
    if (answer.kind === 'row') told.push({ row: answer.row, overtaken })
    else if (answer.kind === 'rejected')
      await run.transact((tables) => setAside(run.shared.context, tables, { type, id }, answer.reason))
  }
  return { told, ...(halt && { halt }) }
}

async function take(run: WalkRun, told: readonly Told[]): Promise<void> {
  const { shared, type, walk } = run
  const taken = await takeRows(shared, type, told, {
    transact: run.transact,
    again: true,
    ...(walk.report.cause !== 'first' && { before: driftBefore(shared.context) }),
  })
  for (const { outcome, before } of taken) {
    countOutcomes(walk.report, [outcome])
    if (outcome === 'taken') countDrift(walk.report, before ?? [])
  }
  await rememberLeft(
    run,
    told,
    taken.map(({ outcome }) => outcome),
  )
}

function driftBefore(context: BridgeContext) {
  return async (tables: BridgeTables, record: string, row: ExternalRow): Promise<Drift[]> => {
    const shadow = await tables.shadow(record)
    const one = shadow && mappingOfRecord(context, record, shadow.type)
    if (!one) return []
    const state = await tables.transaction.record(record)
    const { mapped } = await knownPart(context, tables, one, mappedValue(one, row))
    const mapping = await resolveReferences(context, tables, one, atHand(state, shadow, mapped))
    return rowDrift(mapping, { shadow, mapped, state })
  }
}

/** So that a row that is nobody's here is not read by every walk. */
async function rememberLeft(
  run: WalkRun,
  told: readonly Told[],
  outcomes: readonly Outcome[],
): Promise<void> {
  const left = told.filter((_, i) => outcomes[i] === 'left')
  if (left.length === 0) return
  await run.transact(async (tables) => {
    for (const { row } of left) tables.put('left', leftRow(row.type, row.id), encodeUtf8(row.version))
  })
}
