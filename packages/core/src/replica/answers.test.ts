import { beforeAll, describe, expect, test } from 'vitest'
import type { Trial, TrialVerdict } from '../engine/trial.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { StoreError } from '../store/port.ts'
import { answeredUpTo, standing, withAnswer } from './answers.ts'
import { gate } from './gate.test-support.ts'
import { LIGHT_RECORD } from './limits.ts'
import {
  type OpenOptions,
  type Orders,
  open,
  openEdge,
  openHub,
  order,
  peerOf,
  push,
  tell,
} from './orders.test-support.ts'
import { plainToken, startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const run = (n: number, first: number) => ({ run: `${n}`.repeat(32), first })

const heardAs = (name: string) => `heard ${name}`

const answer = (n: number, at: number, seq: number) => {
  const { run: name } = run(n, 0)
  return { run: name, heard: heardAs(name), at, seq }
}

describe('G-7: answers of a hub', () => {
  test('are kept one for each run, the newest counts', () => {
    const first = withAnswer([], [run(1, 1)], heardAs, 5, 3)
    const second = withAnswer(withAnswer(first, [run(1, 1)], heardAs, 8, 6), [run(2, 10)], heardAs, 9, 12)
    expect(second).toEqual([answer(1, 6, 8), answer(2, 12, 9)])
    expect([answeredUpTo(undefined), answeredUpTo(first), answeredUpTo(second)]).toEqual([0, 5, 9])
  })

  test('reach further when nothing was asked in between', () => {
    const answers = withAnswer([], [run(1, 1)], heardAs, 5, 3)
    expect(withAnswer(answers, [run(2, 10)], heardAs, 9, undefined)).toEqual([answer(1, 3, 9)])
    expect(withAnswer([], [run(2, 10)], heardAs, 9, undefined)).toEqual([answer(2, 10, 9)])
  })

  test('that stand do not go back while a log is told anew', () => {
    const answers = withAnswer(withAnswer([], [run(1, 1)], heardAs, 5, 3), [run(2, 10)], heardAs, 9, 12)
    for (const seq of [1, 4, 9]) expect(withAnswer(answers, [run(3, 20)], heardAs, seq, 21)).toEqual(answers)
    expect(withAnswer(answers, [run(3, 20)], heardAs, 10, 21).at(-1)).toEqual(answer(3, 21, 10))
  })

  test('of a hub that has written nothing since it was started are given in the run that owns its head, and stand', () => {
    const runs = [run(1, 1), run(2, 10)]
    expect(withAnswer([], runs, heardAs, 5, 9)).toEqual([answer(1, 9, 5)])
    expect(standing(withAnswer([], runs, heardAs, 5, 9), runs)).toHaveLength(1)
    // It has written nothing ever.
    expect(standing(withAnswer([], [run(1, 1)], heardAs, 5, 0), [run(1, 1)])).toHaveLength(1)
  })

  test('stand where the hub’s runs own the sequence they were given at', () => {
    const answers = withAnswer(withAnswer([], [run(1, 1)], heardAs, 5, 3), [run(2, 10)], heardAs, 9, 12)
    expect(standing(answers, [run(1, 1), run(2, 10)])).toEqual(answers)
    // Set back to sequence 11 of run 2, and going on from there as run 3.
    expect(answeredUpTo(standing(answers, [run(1, 1), run(2, 10), run(3, 12)]))).toBe(5)
    // Listed are the newest runs only.
    expect(standing(answers, [run(4, 40)])).toEqual([])
  })

  test('are void when the hub was set back: what it acknowledged since is told again, and not saved until then', async () => {
    const disk = new MemoryDisk()
    const { replica: hub } = await openHub({ disk })
    const ana = await openEdge(1)
    await ana.workOrders.create(order, { id: '1' })
    await push(ana, hub)
    await hub.close()
    const backup = disk.clone()
    const { replica: later } = await openHub({ disk, seed: 97 })
    await ana.workOrders.create(order, { id: '2' })
    await push(ana, later)
    await later.close()
    const { replica: restored } = await openHub({ disk: backup, seed: 98 })
    expect([later, restored].map((one) => ana.session.answered(peerOf(one)))).toEqual([4, 2])
    await ana.session.met(peerOf(restored), [])
    expect((await ana.stats()).unacknowledged).toBe(1)
    await expect(ana.workOrders.saved('2', 'hub', { timeoutMs: 5 })).rejects.toMatchObject({
      code: 'save-timeout',
    })
    await push(ana, restored)
    await ana.workOrders.saved('2', 'hub')
    expect((await restored.workOrders.all()).map(({ id }) => id)).toEqual(['1', '2'])
  })

  describe('G-10: come after what was refused before them', () => {
    /** A record so heavy that it is tried before it is loaded without its newest edit, which the hub refuses; and one that it takes. */
    async function told(options: OpenOptions = {}) {
      const { replica: hub } = await openHub()
      const ana = await openEdge(1, {}, options)
      const notes = 'x'.repeat(LIGHT_RECORD.operations + 1)
      await ana.workOrders.create({ ...order, notes }, { id: '1' })
      await push(ana, hub)
      await ana.workOrders.update('1', (o) => {
        o.title = 'refused'
      })
      const first = ana.head
      await ana.workOrders.create(order, { id: '2' })
      const refusals = [{ seq: first, code: 'not-granted', reason: 'not yours' }]
      const refused = () => ana.session.acknowledged(peerOf(hub), first, refusals, hub.head)
      const taken = () => ana.session.acknowledged(peerOf(hub), ana.head, [], hub.head)
      return { hub, ana, refused, taken }
    }

    test('though that waits for a trial', async () => {
      const verdict = Promise.withResolvers<TrialVerdict>()
      const trial: Trial = { try: () => verdict.promise }
      const { ana, refused, taken } = await told({ trial })
      const saved = ana.workOrders.saved('1', 'hub').then(
        () => 'saved',
        (error: { code: string }) => error.code,
      )
      const kept = [refused(), taken()]
      await ana.workOrders.create(order, { id: '3' })
      verdict.resolve({ kind: 'sound' })
      expect(await saved).toBe('not-granted')
      await Promise.all(kept)
      await ana.workOrders.saved('2', 'hub')
    })

    test('and not at all when that could not be kept: it is told again', async () => {
      const commit = Promise.withResolvers<void>()
      const begun = Promise.withResolvers<void>()
      let fails = false
      const { ana, hub, refused, taken } = await told({
        beforeCommit: () => {
          if (!fails) return
          fails = false
          begun.resolve()
          return commit.promise
        },
      })
      fails = true
      const answers = [refused()]
      await begun.promise
      answers.push(taken())
      commit.reject(new StoreError('full', 'the disk is full'))
      const kept = await Promise.allSettled(answers)
      expect(kept.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
      expect((await ana.stats()).unacknowledged).toBe(2)
      await refused()
      await taken()
      expect((await ana.stats()).unacknowledged).toBe(0)
      expect(await ana.aside()).toMatchObject([{ record: 'work_orders/1', code: 'not-granted' }])
      await hub.close()
    })
  })

  describe('of before the hub was set back', () => {
    /** Order 1 is at both hubs, and Ana knows it; order 2 is told to the one that goes back, which has not answered. */
    async function meet() {
      const hubDisk = new MemoryDisk()
      const { replica: hub } = await openHub({ disk: hubDisk })
      const slowDisk = gate()
      const { replica: ana } = await open({ grant: {}, beforeCommit: () => slowDisk.pass() })
      await ana.workOrders.create(order, { id: '1' })
      await push(ana, hub)
      const { replica: restored } = await openHub({ disk: hubDisk.clone(), seed: 98 })
      await ana.workOrders.create(order, { id: '2' })
      await tell(ana, hub)
      const answer = (by: Orders) => ana.session.acknowledged(peerOf(by), ana.head, [], by.head)
      const unanswered = async () => (await ana.stats()).unacknowledged
      return { hub, restored, ana, slowDisk, answer, unanswered }
    }

    test('are void as soon as they are durable, if they were on their way to the disk when it was met anew', async () => {
      const { hub, restored, ana, slowDisk, answer, unanswered } = await meet()
      const waiting = slowDisk.close()
      const late = answer(hub)
      await waiting
      const met = ana.session.met(peerOf(restored), [], true)
      slowDisk.open()
      await Promise.all([late, met])
      expect(await unanswered()).toBe(2)
      await push(ana, restored)
      expect(await unanswered()).toBe(0)
    })

    test('are no reason to pass over what it answers since', async () => {
      const { hub, restored, ana, slowDisk, answer, unanswered } = await meet()
      await tell(ana, restored)
      const waiting = slowDisk.close()
      const late = answer(hub)
      await waiting
      const met = ana.session.met(peerOf(restored), [], true)
      const answered = answer(restored)
      slowDisk.open()
      await Promise.all([late, met, answered])
      await ana.session.met(peerOf(restored), [])
      expect(await unanswered()).toBe(0)
    })

    test('do not count when their turn comes after it was met anew', async () => {
      const { hub, restored, ana, answer, unanswered } = await meet()
      await ana.session.met(peerOf(restored), [], true)
      await answer(hub)
      expect(await unanswered()).toBe(1)
      await push(ana, restored)
      await answer(hub)
      await ana.session.met(peerOf(hub), [])
      await ana.session.met(peerOf(restored), [])
      expect(await unanswered()).toBe(0)
    })
  })

  test('of another hub do not count in the same commit in which the one that is here is met', async () => {
    const { replica: lost } = await openHub()
    const { replica: fresh } = await openHub({ seed: 98 })
    const disk = new MemoryDisk()
    const slowDisk = gate()
    const { replica: ana } = await open({ grant: {}, disk, beforeCommit: () => slowDisk.pass() })
    await ana.workOrders.create(order, { id: '1' })
    await tell(ana, lost)
    await ana.session.met(peerOf(fresh), [], true)
    const waiting = slowDisk.close()
    const edit = ana.workOrders.create(order, { id: '2' })
    await waiting
    const late = ana.session.acknowledged(peerOf(lost), ana.head, [], lost.head)
    const met = ana.session.met(peerOf(fresh), [])
    slowDisk.open()
    await Promise.all([edit, late, met])
    expect((await ana.stats()).unacknowledged).toBe(2)
    await ana.close()
    const { replica: again } = await open({ disk, seed: 2 })
    expect((await again.stats()).unacknowledged).toBe(2)
  })

  test('last over a restart of the edge', async () => {
    const { replica: hub } = await openHub()
    const disk = new MemoryDisk()
    const { replica: ana } = await open({ grant: {}, disk })
    await ana.workOrders.create(order, { id: '1' })
    await push(ana, hub)
    const answered = ana.session.answered(peerOf(hub))
    await ana.close()
    const { replica: again } = await open({ disk, seed: 2 })
    expect(answered).toBeGreaterThan(0)
    expect(again.session.answered(peerOf(hub))).toBe(answered)
  })

  test('of one hub say nothing of what another one has that is met later', async () => {
    const { replica: lost } = await openHub()
    const { replica: fresh } = await openHub({ seed: 98 })
    const disk = new MemoryDisk()
    const { replica: ana } = await open({ grant: {}, disk })
    await ana.workOrders.create(order, { id: '1' })
    await push(ana, lost)
    await ana.workOrders.saved('1', 'hub')
    await ana.session.met(peerOf(fresh), [])
    const refused = { code: 'save-timeout' }
    await expect(ana.workOrders.saved('1', 'hub', { timeoutMs: 5 })).rejects.toMatchObject(refused)
    // Nor does it give up what nobody else may have.
    await ana.setCredential(plainToken(ana.publicKey, { read: ['site:PDX'] }))
    expect(await ana.workOrders.get('1')).toMatchObject(order)
    await ana.close()
    const { replica: again } = await open({ disk, seed: 2 })
    await expect(again.workOrders.saved('1', 'hub', { timeoutMs: 5 })).rejects.toMatchObject(refused)
  })
})
