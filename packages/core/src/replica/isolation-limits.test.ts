/** The ceilings of isolation, each on both sides, and records in quarantine that go. */
import { beforeAll, describe, expect, test } from 'vitest'
import { craftChange, manyNulls } from '../change/craft.test-support.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { parseChange } from '../change/parse.ts'
import { WEIGHTLESS } from '../change/weight.ts'
import type { TrialVerdict } from '../engine/trial.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { KEY } from './admission.test-support.ts'
import { Isolation, type IsolationOptions } from './isolation.ts'
import { LIGHT_RECORD, QUARANTINED_MAX, SOUND_RECORDS_MAX } from './limits.ts'
import { NotYet } from './not-yet.ts'
import { draft, open, openHub, order, Pen, peerOf, putting } from './orders.test-support.ts'
import type { Quarantined } from './record-quarantine.ts'
import { plainToken, startEngine, testHost } from './replica.test-support.ts'

beforeAll(startEngine)

const heavy = { ...LIGHT_RECORD, changes: LIGHT_RECORD.changes + 1 }
const harm: TrialVerdict = { kind: 'refused', stage: 'history', reason: 'no' }

function isolation(verdict: TrialVerdict, over: Partial<IsolationOptions> = {}): Isolation {
  return new Isolation({
    host: testHost(),
    trial: { try: async () => verdict },
    quarantined: new Map(),
    events: () => undefined,
    commit: async (_record, _tables, then) => then?.(),
    lacks: async () => undefined,
    ...over,
  })
}

/** What is to be done before the record may be loaded; undefined when nothing is. */
function before(of: Isolation, record: string): (() => Promise<void>) | undefined {
  try {
    of.mayLoad(record, heavy, [])
    return undefined
  } catch (error) {
    if (error instanceof NotYet) return error.settle
    throw error
  }
}

describe('I-1: a history', () => {
  test.each(Object.keys(LIGHT_RECORD) as (keyof typeof LIGHT_RECORD)[])('is heavy beyond its %s', (part) => {
    const one = isolation({ kind: 'sound' })
    one.mayLoad('a/1', LIGHT_RECORD, [])
    expect(() => one.mayLoad('a/1', { ...LIGHT_RECORD, [part]: LIGHT_RECORD[part] + 1 }, [])).toThrow(NotYet)
  })

  test('that cannot be weighed is heavy', () => {
    const one = isolation({ kind: 'sound' })
    expect(() => one.mayLoad('a/1', one.weigh([Uint8Array.of(1, 2, 3)]), [])).toThrow(NotYet)
  })
})

describe('I-2: a turn', () => {
  test('is run at most RUNS_PER_TURN_MAX times, and leaves nothing', async () => {
    const { replica } = await open()
    let runs = 0
    const turn = (times: number) =>
      replica.transact(async (tx) => {
        await tx.edit(`work_orders/${times}`, [{ op: 'put', path: ['title'], value: 'x' }])
        runs += 1
        if (runs < times) throw new NotYet('wait', async () => undefined)
      })
    await turn(100)
    expect(runs).toBe(100)
    runs = 0
    await expect(turn(101)).rejects.toThrow(NotYet)
    expect(runs).toBe(100)
    expect((await replica.workOrders.all()).map(({ id }) => id)).toEqual(['100'])
  })
})

describe('I-3: a verdict', () => {
  test('is of the changes, whatever else is said of them when the turn is run again', async () => {
    const bytes = craftChange({ columns: manyNulls(LIGHT_RECORD.operations + 1) })
    const changes = [parseChange(bytes, testHost(), defaultChangeLimits)]
    const one = isolation({ kind: 'sound' })
    const record = { key: 'a/1', weight: WEIGHTLESS }
    const asked = () => one.mayTake(record, { changes }, changes, async () => [])
    const first = await asked().catch((error: unknown) => error)
    await (first as NotYet).settle()
    await asked()
  })
})

describe('I-4: ceilings', () => {
  test('of records in quarantine', async () => {
    const quarantined = new Map<string, Quarantined>()
    const row = (record: string): Quarantined => ({ record, code: 'died', reason: '', at: 0 })
    for (let n = 1; n < QUARANTINED_MAX; n++) quarantined.set(`a/${n}`, row(`a/${n}`))
    const one = isolation(harm, { quarantined })
    await before(one, 'b/1')?.()
    expect(one.quarantineOf('b/1')).toBeDefined()
    await expect(before(one, 'b/2')?.()).rejects.toThrow(`limit ${QUARANTINED_MAX}`)
  })

  test('of records that were sound', async () => {
    const one = isolation({ kind: 'sound' })
    for (let n = 0; n < SOUND_RECORDS_MAX; n++) await before(one, `a/${n}`)?.()
    expect(before(one, 'a/0')).toBeUndefined()
    await before(one, 'a/more')?.()
    expect(before(one, 'a/0')).toBeDefined()
    expect(before(one, 'a/1')).toBeUndefined()
  })
})

/** A device in which a heavy order of eve, and perhaps an edit of its own in it, is in quarantine. */
async function deviceWithHarm(edits: boolean) {
  const disk = new MemoryDisk()
  const grant = { subject: 'tech:ana' }
  const first = await open({ seed: 1, disk, grant })
  const eve = await Pen.make(7, { subject: 'tech:eve' })
  const bomb = craftChange({ actor: `00${'8'.repeat(32)}`, columns: manyNulls(LIGHT_RECORD.operations + 1) })
  await eve.tell(
    first.replica,
    await eve.changes(KEY, [putting(draft(5), order)]),
    await eve.changes(KEY, [bomb]),
  )
  if (edits)
    await first.replica.workOrders.update('1', (one) => {
      one.title = 'own'
    })
  await first.replica.close()
  const trial = { try: async () => harm }
  const { replica, events } = await open({ seed: 2, disk, trial })
  await expect(replica.workOrders.update('1', () => undefined)).rejects.toThrow('in quarantine')
  expect(replica.quarantined).toHaveLength(1)
  return { replica, events, disk, trial }
}

describe('I-5: a record in quarantine', () => {
  test('goes when its last channel is lost, and is in none afterwards', async () => {
    const { replica, disk } = await deviceWithHarm(false)
    await replica.setCredential(plainToken(replica.publicKey, { read: ['site:OSL'], write: ['site:OSL'] }))
    expect(await replica.workOrders.get('1')).toBeUndefined()
    expect(replica.quarantined).toEqual([])
    await replica.close()
    expect((await open({ seed: 3, disk })).replica.quarantined).toEqual([])
  })

  test('stays as it is when the hub refuses own edits of it, and the device goes on', async () => {
    const { replica } = await deviceWithHarm(true)
    const { replica: hub } = await openHub()
    const refusal = { seq: replica.head, record: KEY, code: 'not-granted', reason: 'no' }
    await replica.session.acknowledged(peerOf(hub), replica.head, [refusal], 1)
    expect(await replica.workOrders.get('1')).toMatchObject({ title: 'own' })
    // What they did cannot be told without loading it.
    expect(await replica.aside()).toMatchObject([{ record: KEY, code: 'not-granted', edits: [] }])
    await replica.workOrders.create(order, { id: '2' })
  })
})
