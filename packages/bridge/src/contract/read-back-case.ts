/**
 * A write that was made, and whose row the adapter could not read afterwards: K-43. Whether the write was made the system tells, so that nothing need be known of the adapter's requests. Jobs
 * (`writeBulk`) are left out: they ask how far they are as often as they like, and to let each of these fail takes longer than all the rest.
 */
import { expect } from 'vitest'
import type { Call, DeleteRequest, UpsertRequest, Write, WriteAnswer } from '../adapter-port.ts'
import { type ContractCase, contractCase, fault, type Need } from './case.ts'
import { REQUESTS_INTERRUPTED_MAX } from './limits.ts'
import type { ContractSystem } from './subject.ts'
import { expectKind, Trial } from './trial.ts'

const FAILURES = ['exhaustQuota', 'breakServer', 'garbleAnswer', 'swellAnswer'] as const
type Failing = (typeof FAILURES)[number]

const WAYS = ['create', 'change', 'delete', 'writeMany'] as const
type Way = (typeof WAYS)[number]
type Kind = Exclude<Way, 'writeMany'>

/** A request of a call: when the first reading from it on fails, that is one after a row was written. */
interface ReadBack {
  way: Way
  at: number
}

const readsBack: Need = async (system) => {
  if (failuresOf(system).length === 0) return fault('exhaustQuota')(system)
  // An adapter that fails without any fault is told so by the rule itself.
  const found = await readBacks(new Trial(system)).catch(() => undefined)
  if (found?.length !== 0) return undefined
  return 'none of its writes reads anything after the row was written'
}

export const readBackCase: ContractCase = contractCase(
  'K-43',
  'a write that was made is unknown when reading it back fails',
  [readsBack],
  async (trial) => {
    const found = await readBacks(trial)
    for (const readBack of found)
      for (const name of failuresOf(trial.system)) await expectHonest(trial, readBack, name)
    const { refuseIdentity } = trial.system.faults
    const last = found.findLast(({ way }) => way === found[0]?.way)
    if (!last || typeof refuseIdentity !== 'function') return
    // Nobody is let in after that, so that it is tried once; it may come too late, and then all is done.
    for (const { answer, isMade } of (await failed(trial, last, refuseIdentity)).writes)
      if (isMade && answer.kind !== 'done') expectKind(answer, 'unknown', nameOf(last, 'refuseIdentity'))
  },
)

function failuresOf({ faults }: ContractSystem): Failing[] {
  return FAILURES.filter((name) => typeof faults[name] === 'function')
}

function nameOf({ way, at }: ReadBack, failure: string): string {
  return `what ${way} answers, with '${failure}' before its request ${at}`
}

/** Wherever a reading can be made to fail after a row was written. */
async function readBacks(trial: Trial): Promise<ReadBack[]> {
  const found: ReadBack[] = []
  const [name] = failuresOf(trial.system)
  for (const way of WAYS) {
    if (way === 'writeMany' && !trial.adapter.writeMany) continue
    for (let at = 1; at <= REQUESTS_INTERRUPTED_MAX; at++) {
      const { came, writes, isRefused } = await unread(trial, { way, at }, name!)
      if (!came) break
      if (isRefused && writes.some(({ isMade }) => isMade)) found.push({ way, at })
    }
  }
  return found
}

/** Each write that was made is `unknown`, or `done` with the row as it is: the adapter may have read once more. */
async function expectHonest(trial: Trial, readBack: ReadBack, failure: Failing): Promise<void> {
  const { writes, isRefused } = await unread(trial, readBack, failure)
  const name = nameOf(readBack, failure)
  for (const { kind, answer, isMade } of isRefused ? writes : [])
    if (isMade && answer.kind !== 'done') expectKind(answer, 'unknown', name)
    else if (isMade && kind === 'delete') expect(answer, name).toMatchObject({ row: { deleted: true } })
    else if (answer.kind === 'done') expect(answer.row, name).toEqual(await trial.row(answer.row.id))
}

interface Outcome {
  /** There was such a request. */
  came: boolean
  writes: { kind: Kind; answer: WriteAnswer /** The system has it. */; isMade: boolean }[]
}

/** The call, with its next reading failing from this request on. `isRefused` says whether there was such a reading. */
async function unread(
  trial: Trial,
  readBack: ReadBack,
  name: Failing,
): Promise<Outcome & { isRefused: boolean }> {
  const outcome = await failed(trial, readBack, () => trial.provoke(name)('read'))
  if (!outcome.came) return { ...outcome, isRefused: false }
  // A fault that is still waiting meets this.
  const { kind } = await trial.read({ id: (await trial.system.create(trial.fields('theirs'))).id })
  return { ...outcome, isRefused: kind === 'row' }
}

async function failed(trial: Trial, { way, at }: ReadBack, fail: () => Promise<unknown>): Promise<Outcome> {
  const drawn: Drawn[] = []
  for (const kind of kindsOf(trial, way)) drawn.push(await draw[kind](trial))
  const writes = drawn.map(({ write }) => write)
  const { answer: answers, came } = await trial.interrupted(at, fail, (call) =>
    asked(trial, way, writes, call),
  )
  const made: Outcome['writes'] = []
  for (const [i, { kind, isMade }] of drawn.entries())
    made.push({ kind, answer: answers[i]!, isMade: await isMade() })
  return { came, writes: made }
}

function kindsOf({ adapter }: Trial, way: Way): Kind[] {
  if (way !== 'writeMany') return [way]
  return (['create', 'change', 'delete'] as const).slice(0, adapter.capabilities.batch?.writesMax)
}

async function asked(
  { adapter, type }: Trial,
  way: Way,
  writes: readonly Write[],
  call: Call,
): Promise<WriteAnswer[]> {
  if (way === 'writeMany') return adapter.writeMany!(type, writes, call)
  const { action, ...request } = writes[0]!
  const answer =
    action === 'upsert'
      ? adapter.upsert(type, request as UpsertRequest, call)
      : adapter.delete(type, request as DeleteRequest, call)
  return [await answer]
}

interface Drawn {
  kind: Kind
  write: Write
  isMade(): Promise<boolean>
}

const draw: Record<Kind, (trial: Trial) => Promise<Drawn>> = {
  create: async (trial) => {
    const request = trial.request(trial.fields('ours', 'noted'))
    const isMade = async () => (await trial.livingOf(request.externalId)).length > 0
    return { kind: 'create', write: { action: 'upsert', ...request }, isMade }
  },
  change: async (trial) => {
    const row = await trial.made()
    const { title } = trial.system.fields
    const isMade = async () => (await trial.trueRow(row.id))?.value[title] === 'changed'
    const request = trial.change(row, trial.fields('changed'))
    return { kind: 'change', write: { action: 'upsert', ...request }, isMade }
  },
  delete: async (trial) => {
    const row = await trial.made()
    const isMade = async () => (await trial.trueRow(row.id)) === undefined
    return { kind: 'delete', write: { action: 'delete', ...trial.removal(row) }, isMade }
  },
}
