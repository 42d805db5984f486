/** What is heavy is tried before it is loaded or taken, and harms nobody but itself. Real threads: packages/node/src/trial. */
import { beforeAll, describe, expect, test } from 'vitest'
import { equalBytes } from '../bytes/compare.ts'
import { craftChange, manyNulls } from '../change/craft.test-support.ts'
import { runTrial, type Trial, type TrialTask, type TrialVerdict } from '../engine/trial.ts'
import { decodeEntry, encodeChanges, encodeEntry } from '../log/entry.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { emptyBatch, isDamaged } from '../store/port.ts'
import { KEY } from './admission.test-support.ts'
import { gate } from './gate.test-support.ts'
import { LIGHT_ENTRY, LIGHT_RECORD, LOAD_ATTEMPTS_MAX } from './limits.ts'
import { draft, type Opened, type Orders, openHub, order, Pen, putting } from './orders.test-support.ts'
import { RecordQuarantined } from './record-quarantine.ts'
import { startEngine, testHost } from './replica.test-support.ts'

beforeAll(startEngine)

const host = testHost()
const OTHER = 'work_orders/2'
const tooLong: TrialVerdict = { kind: 'deadline', stage: 'changes', reason: 'it took more than 5 ms' }
const tooLongToLoad: TrialVerdict = { ...tooLong, stage: 'history' }

/** Notes what is tried; what becomes of it the test says. */
class Court implements Trial {
  readonly tasks: TrialTask[] = []
  judge: (task: TrialTask) => TrialVerdict | Promise<TrialVerdict> = (task) => runTrial(task, host)
  async try(task: TrialTask): Promise<TrialVerdict> {
    this.tasks.push(task)
    return this.judge(task)
  }
}

/** A change of so many operations by an actor of its own. */
function nulls(n: number, operations: number): Uint8Array {
  return craftChange({ actor: `00${n.toString(16).padStart(32, '0')}`, columns: manyNulls(operations) })
}

interface World extends Opened {
  court: Court
  pen: Pen
}

async function world(
  disk = new MemoryDisk(),
  seed = 99,
  beforeCommit: () => void | Promise<void> = () => undefined,
): Promise<World> {
  const court = new Court()
  const opened = await openHub({ disk, trial: court, seed, beforeCommit })
  return { ...opened, court, pen: await Pen.make(7, { subject: 'tech:eve', read: ['*'], write: ['*'] }) }
}

/** An order as a device writes it, in a few operations. */
async function small({ pen, replica }: World, record: string, n: number): Promise<void> {
  expect(await pen.tell(replica, await pen.changes(record, [putting(draft(n), order)]))).toEqual([undefined])
}

/** What of the record came from elsewhere. */
const toldOf = async (replica: Orders) => (await replica.entriesOf(KEY)).filter(({ origin }) => origin)

const heavy = LIGHT_RECORD.operations + 1
const codes = ({ events }: World) => events.map(({ code }) => code)

describe('I-1: what is light is taken at once', () => {
  test('an entry of LIGHT_ENTRY on a heavy record asks for no trial, one operation more does', async () => {
    const all = await world()
    const { pen, replica, court } = all
    await small(all, KEY, 1)
    await pen.tell(replica, await pen.changes(KEY, [nulls(2, heavy)]))
    const before = court.tasks.length
    expect(await pen.tell(replica, await pen.changes(KEY, [nulls(3, LIGHT_ENTRY.operations)]))).toEqual([
      undefined,
    ])
    expect(court.tasks).toHaveLength(before)
    expect(await pen.tell(replica, await pen.changes(KEY, [nulls(4, LIGHT_ENTRY.operations + 1)]))).toEqual([
      undefined,
    ])
    expect(court.tasks).toHaveLength(before + 1)
  })

  test('so does one with which the record stays within LIGHT_RECORD', async () => {
    const { pen, replica, court } = await world()
    expect(await pen.tell(replica, await pen.changes(KEY, [nulls(1, LIGHT_RECORD.operations)]))).toEqual([
      undefined,
    ])
    expect(court.tasks).toEqual([])
    expect(await pen.tell(replica, await pen.changes(OTHER, [nulls(1, heavy)]))).toEqual([undefined])
    expect(court.tasks).toHaveLength(1)
  })
})

describe('I-2: what is heavy waits for its trial outside of the turn', () => {
  test('others write meanwhile; then it is let in', async () => {
    const { pen, replica, court } = await world()
    const verdict = Promise.withResolvers<TrialVerdict>()
    const asked = Promise.withResolvers<void>()
    court.judge = () => {
      asked.resolve()
      return verdict.promise
    }
    const told = pen.tell(replica, await pen.changes(KEY, [nulls(1, heavy)]))
    await asked.promise
    await replica.workOrders.create(order, { id: '2' })
    expect((await replica.workOrders.all()).map(({ id }) => id)).toEqual(['2'])
    verdict.resolve({ kind: 'sound' })
    expect(await told).toEqual([undefined])
    expect(await toldOf(replica)).toHaveLength(1)
  })

  describe('edits of a record that is tried before it is loaded are made in the order in which they were given', () => {
    async function waiting(beforeCommit?: () => void | Promise<void>) {
      const disk = new MemoryDisk()
      const first = await world(disk)
      await small(first, KEY, 1)
      await small(first, OTHER, 3)
      await first.pen.tell(first.replica, await first.pen.changes(KEY, [nulls(2, heavy)]))
      await first.replica.close()
      const { replica, court } = await world(disk, 98, beforeCommit)
      const asked = Promise.withResolvers<void>()
      const verdict = Promise.withResolvers<TrialVerdict>()
      court.judge = () => {
        asked.resolve()
        return verdict.promise
      }
      const retitled = (title: string, id = '1') =>
        replica.workOrders.update(id, (o) => {
          o.title = title
        })
      const edits = [retitled('a')]
      await asked.promise
      // Whatever is tried from now on takes longer.
      court.judge = (task) => new Promise((resolve) => setImmediate(() => resolve(runTrial(task, host))))
      edits.push(retitled('b'))
      await replica.transact(async () => undefined)
      return { replica, court, verdict, retitled, edits }
    }

    test('also one that is given when the trial is over', async () => {
      const { replica, court, verdict, retitled, edits } = await waiting()
      verdict.resolve({ kind: 'sound' })
      await edits[0]
      edits.push(retitled('c'))
      await Promise.all(edits)
      expect(await replica.workOrders.get('1')).toMatchObject({ title: 'c' })
      expect(court.tasks).toHaveLength(1)
    })

    test('also one that waits for a commit of another record when the trial ends', async () => {
      const disk = gate()
      const { replica, verdict, retitled, edits } = await waiting(disk.pass)
      const committing = disk.close()
      edits.push(retitled('other', '2'))
      await committing
      edits.push(retitled('c'))
      verdict.resolve({ kind: 'sound' })
      await verdict.promise
      await new Promise(setImmediate)
      disk.open()
      await Promise.all(edits)
      expect(await replica.workOrders.get('1')).toMatchObject({ title: 'c' })
    })
  })

  test('when it is tried, it is with all that the record has', async () => {
    const all = await world()
    const { pen, replica, court } = all
    await small(all, KEY, 1)
    await pen.tell(replica, await pen.changes(KEY, [nulls(2, heavy)]))
    expect(
      court.tasks.map(({ record, history, changes }) => [record, history.length, changes.length]),
    ).toEqual([[KEY, 1, 1]])
  })

  test('all heavy edits of a delivery are tried at once, before the first is applied', async () => {
    const { pen, replica, court } = await world()
    const [one, two, three] = [nulls(1, heavy), nulls(2, heavy), nulls(3, heavy)]
    const entries = await Promise.all([one, two, three].map((change) => pen.changes(KEY, [change])))
    expect(await pen.tell(replica, ...entries)).toEqual([undefined, undefined, undefined])
    expect(court.tasks).toMatchObject([{ history: [], changes: [one, two, three] }])
  })

  test('a trial that cannot be made fails the delivery and blames nobody', async () => {
    const { pen, replica, court } = await world()
    court.judge = () => Promise.reject(new Error('no thread'))
    const entry = await pen.changes(KEY, [nulls(1, heavy)])
    await expect(pen.tell(replica, entry)).rejects.toThrow('no thread')
    expect(replica.quarantined).toEqual([])
    court.judge = () => ({ kind: 'sound' })
    expect(await pen.tell(replica, entry)).toEqual([undefined])
  })

  test('one that waits when the replica is closed is refused, and closing does not wait for ever', async () => {
    const { pen, replica, court } = await world()
    const asked = Promise.withResolvers<void>()
    const verdict = Promise.withResolvers<TrialVerdict>()
    court.judge = () => {
      asked.resolve()
      return verdict.promise
    }
    const told = pen.tell(replica, await pen.changes(KEY, [nulls(1, heavy)]))
    const failed = expect(told).rejects.toThrow('trials have ended')
    await asked.promise
    const closed = replica.close()
    verdict.reject(new Error('trials have ended'))
    await closed
    await failed
  })
})

describe('I-3: harm by an entry', () => {
  test('fault P8: is refused as too-costly, and what else the delivery has is let in', async () => {
    const all = await world()
    const { pen, replica, court } = all
    court.judge = ({ changes }) => (changes.length > 0 ? tooLong : { kind: 'sound' })
    const good = await pen.changes(OTHER, [putting(draft(5), order)])
    const told = await pen.tell(replica, await pen.changes(KEY, [nulls(1, heavy)]), good)
    expect(told).toEqual(['too-costly', undefined])
    expect((await replica.workOrders.all()).map(({ id }) => id)).toEqual(['2'])
    expect(replica.quarantined).toEqual([])
    expect(codes(all)).toContain('trial-failed')
  })

  test.each(['memory', 'died'] as const)('so is what ends with %s', async (kind) => {
    const { pen, replica, court } = await world()
    court.judge = () => ({ ...tooLong, kind })
    expect(await pen.tell(replica, await pen.changes(KEY, [nulls(1, heavy)]))).toEqual(['too-costly'])
  })

  test('what the engine refuses there is engine-refused, and never reaches the engine here', async () => {
    const { pen, replica, court } = await world()
    court.judge = () => ({ ...tooLong, kind: 'refused' })
    expect(await pen.tell(replica, await pen.changes(KEY, [nulls(1, heavy)]))).toEqual(['engine-refused'])
    expect(await replica.workOrders.all()).toEqual([])
  })

  test('of several for one record only the guilty one is refused, and what builds on it', async () => {
    const { pen, replica, court } = await world()
    const guilty = nulls(2, heavy + 1)
    court.judge = ({ changes }) =>
      changes.some((one) => equalBytes(one, guilty)) ? tooLong : { kind: 'sound' }
    const told = await pen.tell(
      replica,
      await pen.changes(KEY, [nulls(1, heavy)]),
      await pen.changes(KEY, [guilty]),
      await pen.changes(KEY, [nulls(3, heavy)]),
      await pen.changes(KEY, [putting(draft(4), { title: 'light' })]),
    )
    expect(told).toEqual([undefined, 'too-costly', undefined, undefined])
    expect(await toldOf(replica)).toHaveLength(3)
  })

  test('what builds on something that is not here is refused for that, and is tried when it is complete', async () => {
    const { pen, replica, court } = await world()
    const first = draft(1)
    const base = putting(first, order)
    const [dep] = first.heads()
    const change = craftChange({
      actor: `00${'2'.repeat(32)}`,
      deps: [dep!],
      startOp: 9,
      columns: manyNulls(heavy),
    })
    expect(await pen.tell(replica, await pen.changes(KEY, [change]))).toEqual(['missing-dependencies'])
    await pen.tell(replica, await pen.changes(KEY, [base]))
    expect(await pen.tell(replica, await pen.changes(KEY, [change]))).toEqual([undefined])
    expect(court.tasks.at(-1)).toMatchObject({ history: [base] })
  })
})

/** A hub that stored a heavy record, opened again. */
async function stored(
  over: (court: Court) => void = () => undefined,
  disk = new MemoryDisk(),
): Promise<World> {
  const first = await world(disk)
  await small(first, KEY, 1)
  await small(first, OTHER, 2)
  expect(await first.pen.tell(first.replica, await first.pen.changes(KEY, [nulls(2, heavy)]))).toEqual([
    undefined,
  ])
  await first.replica.close()
  const again = await world(disk, 98)
  over(again.court)
  return again
}

const retitle = ({ replica }: World, id: string, title = 'new') =>
  replica.workOrders.update(id, (one) => {
    one.title = title
  })

describe('I-4: a record whose history is heavy', () => {
  test('is tried once in a run, before it is loaded first', async () => {
    const all = await stored()
    await retitle(all, '1')
    await retitle(all, '1', 'newer')
    expect(all.court.tasks.map(({ changes }) => changes.length)).toEqual([0])
    expect(await all.replica.workOrders.get('1')).toMatchObject({ title: 'newer' })
  })

  test('is tried again once it has doubled', async () => {
    const { replica, court, pen } = await stored()
    await replica.workOrders.history('1')
    for (let n = 3; n < 7; n++)
      await pen.tell(replica, await pen.changes(KEY, [nulls(n, LIGHT_ENTRY.operations)]))
    const before = court.tasks.length
    // A turn that fails reads the record anew, as the cache does when it has forgotten it.
    const failed = replica.transact(async (tx) => {
      await tx.edit(KEY, [{ op: 'put', path: ['title'], value: 'lost' }])
      throw new Error('changed its mind')
    })
    await expect(failed).rejects.toThrow('changed its mind')
    await replica.workOrders.history('1')
    expect(court.tasks).toHaveLength(before + 1)
  })

  test('fault P7: one that harms goes into quarantine, alone and for good: nothing is added, nothing is lost', async () => {
    const disk = new MemoryDisk()
    const all = await stored((court) => {
      court.judge = () => tooLongToLoad
    }, disk)
    const { pen, replica } = all
    await expect(retitle(all, '1')).rejects.toThrow(RecordQuarantined)
    await retitle(all, '2')
    expect(replica.quarantined).toMatchObject([
      { record: KEY, code: 'deadline', reason: tooLongToLoad.reason },
    ])
    expect(codes(all)).toContain('record-quarantined')
    expect(await replica.workOrders.get('1')).toMatchObject({ title: 't' })
    const told = await pen.tell(
      replica,
      await pen.changes(KEY, [putting(draft(8), { title: 'x' })]),
      await pen.changes(OTHER, [putting(draft(9), { status: 'done' })]),
    )
    expect(told).toEqual(['record-quarantined', undefined])
    await expect(replica.workOrders.history('1')).rejects.toThrow(RecordQuarantined)
    await replica.upkeep()
    await replica.close()
    const again = await world(disk, 97)
    await expect(retitle(again, '1')).rejects.toThrow(RecordQuarantined)
    expect(again.court.tasks).toEqual([])
    expect(again.replica.quarantined).toHaveLength(1)
  })

  test('one that took too long once, because the machine was busy, is not guilty', async () => {
    const all = await stored((court) => {
      const busy = [tooLongToLoad]
      court.judge = () => busy.pop() ?? { kind: 'sound' }
    })
    await retitle(all, '1')
    expect(all.replica.quarantined).toEqual([])
    expect(all.court.tasks).toHaveLength(2)
  })

  test('heavy edits of a record that harms are not held to be guilty of it', async () => {
    const all = await stored((court) => {
      court.judge = () => tooLongToLoad
    })
    const told = await all.pen.tell(all.replica, await all.pen.changes(KEY, [nulls(9, heavy)]))
    expect(told).toEqual(['record-quarantined'])
  })

  test('fault C16: a light one at which the engine panics goes the same way; the handle is dropped, others are as before', async () => {
    const disk = new MemoryDisk()
    const first = await world(disk)
    await small(first, KEY, 1)
    await small(first, OTHER, 2)
    await first.replica.close()
    await plant(disk, craftChange({ seq: 5 }))
    const all = await world(disk, 98)
    await expect(retitle(all, '1')).rejects.toThrow(RecordQuarantined)
    expect(all.replica.quarantined).toMatchObject([{ record: KEY, code: 'refused' }])
    expect(all.court.tasks).toEqual([])
    await retitle(all, '2')
    expect((await all.replica.workOrders.all()).map(({ title }) => title)).toEqual(['t', 'new'])
  })
})

/** In the store, in place of what the order has. */
async function plant(disk: MemoryDisk, change: Uint8Array): Promise<void> {
  const store = memoryStore({ disk })
  await store.open('ab'.repeat(16))
  const entry = (await store.readRecord(KEY)).at(-1)!
  if (isDamaged(entry)) throw new Error('nothing happened to this store')
  const bytes = encodeEntry({ ...decodeEntry(entry.bytes), body: encodeChanges([change]) })
  await store.commit({ ...emptyBatch, replaced: [{ ...entry, bytes, channels: ['site:SEA'] }] })
  await store.close()
}

describe('I-5: release', () => {
  test('a record that harms no more is whole again, with what is written then', async () => {
    const all = await stored((court) => {
      court.judge = () => tooLongToLoad
    })
    await expect(retitle(all, '1')).rejects.toThrow(RecordQuarantined)
    all.court.judge = () => ({ kind: 'sound' })
    expect(await all.replica.release(KEY)).toBeUndefined()
    await retitle(all, '1')
    expect(await all.replica.workOrders.get('1')).toMatchObject({ title: 'new' })
    expect(await all.replica.workOrders.history('1')).toHaveLength(3)
  })

  test('one that still does goes back at once, and a record that is in none is told', async () => {
    const all = await stored((court) => {
      court.judge = () => tooLongToLoad
    })
    await expect(retitle(all, '1')).rejects.toThrow(RecordQuarantined)
    expect(await all.replica.release(KEY)).toMatchObject({ code: 'deadline' })
    expect(all.replica.quarantined).toHaveLength(1)
    await expect(all.replica.release(OTHER)).rejects.toThrow('in no quarantine')
  })
})

describe('I-6: where there is no other thread', () => {
  /** A replica that ends in the middle of the trial: after its mark is durable, before it is taken away. */
  async function endsWhileLoading(disk: MemoryDisk, seed: number): Promise<void> {
    let commits = 0
    let atOpen = Number.POSITIVE_INFINITY
    const ended = Promise.withResolvers<never>()
    const { replica } = await openHub({
      disk,
      seed,
      beforeCommit: () => {
        commits += 1
        if (commits > atOpen + 1) {
          disk.crash()
          ended.reject(new Error('ended'))
        }
      },
    })
    atOpen = commits
    const update = replica.workOrders.update('1', () => undefined).catch(() => undefined)
    await expect(ended.promise).rejects.toThrow('ended')
    await update
  }

  test(`fault P7: the record in which ${LOAD_ATTEMPTS_MAX} starts ended is not loaded again; the node serves the rest`, async () => {
    const disk = new MemoryDisk()
    await (await stored(undefined, disk)).replica.close()
    for (let i = 0; i < LOAD_ATTEMPTS_MAX; i++) await endsWhileLoading(disk, 10 + i)
    const { replica } = await openHub({ disk, seed: 20 })
    expect(replica.quarantined).toMatchObject([{ record: KEY, code: 'crashed' }])
    await expect(replica.workOrders.update('1', () => undefined)).rejects.toThrow(RecordQuarantined)
    await replica.workOrders.update('2', (one) => {
      one.title = 'served'
    })
    expect(await replica.workOrders.get('2')).toMatchObject({ title: 'served' })
  })

  test('one start less, and it is loaded; from then on they count anew', async () => {
    const disk = new MemoryDisk()
    await (await stored(undefined, disk)).replica.close()
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < LOAD_ATTEMPTS_MAX - 1; i++) await endsWhileLoading(disk, 10 + 10 * round + i)
      const { replica } = await openHub({ disk, seed: 30 + round })
      await replica.workOrders.update('1', (one) => {
        one.title = `round ${round}`
      })
      await replica.close()
    }
  })
})
