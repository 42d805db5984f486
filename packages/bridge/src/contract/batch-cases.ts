/** Many writes and reads in one call: K-60 to K-67. */
import { expect } from 'vitest'
import type { ExternalRow, Write, WriteAnswer } from '../adapter-port.ts'
import { type ContractCase, contractCase, fault, has, type Need, writesMany } from './case.ts'
import { BATCH_TRIED_MAX } from './limits.ts'
import { rowOf, type Trial } from './trial.ts'

type Many = NonNullable<Trial['adapter']['writeMany']>

const writeMany = (trial: Trial): Many => claimed(trial, 'writeMany', 'batch').bind(trial.adapter)
const writeBulk = (trial: Trial): Many => claimed(trial, 'writeBulk', 'bulk').bind(trial.adapter)

function claimed(trial: Trial, method: 'writeMany' | 'writeBulk', capability: 'batch' | 'bulk'): Many {
  const many = trial.adapter[method]
  expect(many, `'${method}', which '${capability}' of the capabilities claims`).toBeDefined()
  return many!
}

const canBeExceeded =
  (which: 'writesMax' | 'readsMax'): Need =>
  ({ adapter }) => {
    const most = adapter.capabilities.batch?.[which] ?? 0
    return most <= BATCH_TRIED_MAX ? undefined : `${which} is ${most}, which no test run makes`
  }

export const batchCases: readonly ContractCase[] = [
  contractCase(
    'K-60',
    'writeMany answers each write, in order',
    [has('batch'), writesMany],
    async (trial) => {
      await expectInOrder(trial, writeMany(trial))
      const before = await trial.system.requests?.()
      expect(await writeMany(trial)(trial.type, [], trial.call)).toEqual([])
      expect(await trial.system.requests?.(), 'requests for no write at all').toBe(before)
    },
  ),

  contractCase(
    'K-61',
    'a write that is refused among others fails alone',
    [has('batch'), writesMany],
    (trial) => expectAlone(trial, writeMany(trial)),
  ),

  contractCase(
    'K-62',
    'more writes than fit are all answered, or none is made',
    [has('batch'), writesMany, canBeExceeded('writesMax')],
    async (trial) => {
      const { writesMax } = trial.adapter.capabilities.batch!
      const writes = creates(trial, writesMax + 1)
      const answers = await orRangeError(() => writeMany(trial)(trial.type, writes, trial.call))
      if (answers) expectEachDone(writes, answers)
      expect(await trial.living()).toHaveLength(answers ? writes.length : 0)
    },
  ),

  contractCase(
    'K-63',
    'the answer to a batch is lost: nothing is done, and repeats find one effect each',
    [has('batch'), writesMany, fault('loseAnswer')],
    (trial) => expectConverging(trial, trial.provoke('loseAnswer')),
  ),

  contractCase(
    'K-64',
    'a used up quota is later for each write of the batch',
    [has('batch'), writesMany, fault('exhaustQuota')],
    async (trial) => {
      await trial.provoke('exhaustQuota')('write')
      const answers = await writeMany(trial)(trial.type, creates(trial, 3), trial.call)
      const done = answers.filter(({ kind }) => kind === 'done')
      expect(answers.map(({ kind }) => kind)).toContain('later')
      expect(answers.filter(({ kind }) => kind !== 'later' && kind !== 'done')).toEqual([])
      expect(await trial.living()).toHaveLength(done.length)
    },
  ),

  contractCase(
    'K-65',
    'readMany answers each id, in order',
    [has('batch'), canBeExceeded('readsMax')],
    async (trial) => {
      const { readsMax } = trial.adapter.capabilities.batch!
      expect(trial.adapter.readMany, `'readMany', which 'batch' of the capabilities claims`).toBeDefined()
      const ask = (ids: readonly string[]) => trial.adapter.readMany!(trial.type, ids, trial.call)
      const rows = await filled(trial, Math.max(readsMax + 1, 3))
      const [first = '', gone = '', third = ''] = rows.map(({ id }) => id)
      await trial.system.remove(gone)
      await trial.settled()
      const asked = [third, gone, first]
      const fitting = readsMax < asked.length ? asked.map((id) => [id]) : [asked]
      const answers = (await Promise.all(fitting.map(ask))).flat()
      for (const [at, id] of asked.entries())
        if (id !== gone) expect(answers[at]).toEqual(await trial.read({ id }))
      const absent = answers[1]
      if (absent?.kind !== 'absent')
        expect(absent).toMatchObject({ kind: 'row', row: { id: gone, deleted: true } })
      const whole = await orRangeError(() => ask(rows.map(({ id }) => id)))
      if (whole) expect(whole).toHaveLength(rows.length)
      expect(await ask([])).toEqual([])
    },
  ),

  contractCase(
    'K-66',
    'writeBulk answers each write, in order, and a refused one fails alone',
    [has('bulk')],
    async (trial) => {
      await expectInOrder(trial, writeBulk(trial))
      await expectAlone(trial, writeBulk(trial))
    },
  ),

  contractCase(
    'K-67',
    'the answer to a batch is too large: nothing is rejected, and repeats find one effect each',
    [has('batch'), writesMany, fault('swellAnswer')],
    (trial) => expectConverging(trial, () => trial.provoke('swellAnswer')('write')),
  ),
]

/** A batch whose answer nobody can read: its writes may have been carried out. */
async function expectConverging(trial: Trial, provoke: () => Promise<void>): Promise<void> {
  const writes = creates(trial, 3)
  await provoke()
  const answers = await writeMany(trial)(trial.type, writes, trial.call)
  expect(answers.map(({ kind }) => kind)).toContain('unknown')
  expect(answers.filter(({ kind }) => kind !== 'unknown' && kind !== 'done')).toEqual([])
  await trial.settled()
  for (const write of writes)
    if (write.action === 'upsert') {
      const answer = await trial.write(write)
      const row = rowOf(answer, answer.kind === 'conflict' ? 'conflict' : 'done')
      trial.expectFields(row, write.fields)
    }
  expect(await trial.living()).toHaveLength(writes.length)
}

function creates(trial: Trial, count: number): Write[] {
  return Array.from({ length: count }, (_, i) => ({
    action: 'upsert',
    ...trial.request(trial.fields(`one of many ${i}`)),
  }))
}

/** Rows of ours, made in batches that fit. */
async function filled(trial: Trial, count: number): Promise<ExternalRow[]> {
  const { writesMax } = trial.adapter.capabilities.batch!
  const rows: ExternalRow[] = []
  while (rows.length < count) {
    if (writesMax === 1) {
      rows.push(await trial.made(`one of many ${rows.length}`))
      continue
    }
    const writes = creates(trial, Math.min(writesMax, count - rows.length))
    const answers = await writeMany(trial)(trial.type, writes, trial.call)
    rows.push(...answers.map((answer) => rowOf(answer, 'done')))
  }
  await trial.settled()
  return rows
}

async function expectInOrder(trial: Trial, many: Many): Promise<void> {
  const [changed, deleted] = [await trial.made('to be changed'), await trial.made('to be deleted')]
  const [first, last] = [trial.request(trial.fields('first')), trial.request(trial.fields('last'))]
  const writes: Write[] = [
    { action: 'upsert', ...first },
    { action: 'delete', ...trial.removal(deleted) },
    { action: 'upsert', ...trial.change(changed, trial.fields('changed')) },
    { action: 'upsert', ...last },
  ]
  const answers = await many(trial.type, writes, trial.call)
  expectEachDone(writes, answers)
  expect(answers.map((answer) => 'row' in answer && answer.row.deleted)).toEqual([false, true, false, false])
  expect(await trial.trueRow(deleted.id)).toBeUndefined()
  await trial.expectTrue(changed.id, trial.fields('changed'))
  for (const { externalId } of [first, last]) expect(await trial.livingOf(externalId)).toHaveLength(1)
}

async function expectAlone(trial: Trial, many: Many): Promise<void> {
  const poisoned = { ...trial.fields('poisoned'), ...trial.system.poison.fields }
  const stale = await trial.made('stale')
  const comparing = trial.adapter.capabilities.compareAndSet
  if (comparing) await trial.system.edit(stale.id, trial.fields('theirs'))
  await trial.settled()
  const before = (await trial.living()).length
  const writes: Write[] = [
    { action: 'upsert', ...trial.request(trial.fields('sound')) },
    { action: 'upsert', ...trial.request(poisoned) },
    { action: 'upsert', ...trial.change(stale, trial.fields('ours')) },
    { action: 'upsert', ...trial.request(trial.fields('sound too')) },
  ]
  const answers = await many(trial.type, writes, trial.call)
  expect(answers.map(({ kind }) => kind)).toEqual([
    'done',
    'rejected',
    comparing ? 'conflict' : 'done',
    'done',
  ])
  expect(answers[1]).toMatchObject({ reason: expect.stringMatching(trial.system.poison.reason) })
  expect(await trial.living()).toHaveLength(before + 2)
  await trial.expectTrue(stale.id, trial.fields(comparing ? 'theirs' : 'ours'))
}

/** Each answer is of its own write. */
function expectEachDone(writes: readonly Write[], answers: readonly WriteAnswer[]): void {
  const named = (one: { externalId?: string | undefined }) => one.externalId
  expect(answers.map(({ kind }) => kind)).toEqual(writes.map(() => 'done'))
  expect(answers.map((answer) => 'row' in answer && named(answer.row))).toEqual(writes.map(named))
}

/** Undefined when the call was refused as a bug of its caller. */
async function orRangeError<Answers>(work: () => Promise<Answers>): Promise<Answers | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
