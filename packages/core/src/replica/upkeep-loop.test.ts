import { beforeAll, expect, test } from 'vitest'
import { compacting } from './compact.test-support.ts'
import { open, openEdge, openHub, order, pull, push } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'
import type { ReplicaEvent } from './replica-event.ts'
import type { UpkeepReport } from './upkeep.ts'
import { startUpkeep, UPKEEP_MS, UPKEEP_PAUSE_MS } from './upkeep-loop.ts'

beforeAll(startEngine)

const soon = { collection: compacting({ entriesMax: 4 }) }

/** Timers that fire when the test says so. */
function clock() {
  const timers: { delayMs: number; run: () => void; isCancelled: boolean }[] = []
  const timer = (delayMs: number, run: () => void) => {
    const made = { delayMs, run, isCancelled: false }
    timers.push(made)
    return () => {
      made.isCancelled = true
    }
  }
  return { timers, timer }
}

function loop(answers: (Partial<UpkeepReport> | Error | Promise<never>)[]) {
  const { timers, timer } = clock()
  const events: ReplicaEvent[] = []
  const reports: UpkeepReport[] = []
  const end = startUpkeep({
    timer,
    async piece() {
      const answer = await answers.shift()!
      if (answer instanceof Error) throw answer
      return { entries: 0, compacted: 0, buried: 0, bytesBefore: 0, bytesAfter: 0, done: true, ...answer }
    },
    done: (report) => reports.push(report),
    events: (event) => events.push(event),
  })
  const fire = async () => {
    timers.at(-1)!.run()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { timers, events, reports, end, fire }
}

test('K-9: upkeep goes on after a pause while something is left, and otherwise after a minute', async () => {
  const { timers, reports, end, fire } = loop([{ done: false, compacted: 3 }, {}, new Error('full')])
  await fire()
  await fire()
  await fire()
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([UPKEEP_MS, UPKEEP_PAUSE_MS, UPKEEP_MS, UPKEEP_MS])
  expect(reports.map(({ compacted }) => compacted)).toEqual([3, 0])
  await end()
})

test('K-9: a piece that fails is told, and does not end it; the end cancels the timer', async () => {
  const { timers, events, end, fire } = loop([new Error('full')])
  await fire()
  expect(events).toMatchObject([
    { level: 'warn', code: 'upkeep-failed', message: expect.stringContaining('full') },
  ])
  await end()
  expect(timers.map(({ isCancelled }) => isCancelled)).toEqual([false, true])
})

test('K-9: the end waits for the piece under way, which begins no other and tells nobody that it was cut off', async () => {
  const { promise, reject } = Promise.withResolvers<never>()
  const { timers, events, end, fire } = loop([promise])
  await fire()
  let isOver = false
  const over = end().then(() => {
    isOver = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(isOver).toBe(false)
  reject(new Error('closed'))
  await over
  expect(timers).toHaveLength(1)
  expect(events).toEqual([])
})

test('K-9: an edge compacts by itself what the hub has answered, and no more after it is closed', async () => {
  const { replica: hub } = await openHub(soon)
  const { timers, timer } = clock()
  const reports: UpkeepReport[] = []
  const upkeep = { timer, done: (report: UpkeepReport) => void reports.push(report) }
  const ana = await openEdge(1, {}, { ...soon, upkeep })
  await ana.workOrders.create(order, { id: '1' })
  for (let hours = 1; hours <= 6; hours++)
    await ana.workOrders.update('1', (o) => {
      o.hours = hours
    })
  const piece = async () => {
    const made = timers.length
    timers.at(-1)!.run()
    await expect.poll(() => timers.length).toBe(made + 1)
  }
  await piece()
  expect((await ana.entriesOf('work_orders/1')).length).toBe(7)
  await push(ana, hub)
  await pull(hub, ana)
  await piece()
  expect(reports.map(({ compacted }) => compacted)).toEqual([0, 1])
  expect((await ana.entriesOf('work_orders/1')).map(({ kind }) => kind)).toEqual(['snapshot'])
  expect(await ana.workOrders.get('1')).toMatchObject({ hours: 6 })
  await ana.close()
  expect(timers.at(-1)!.isCancelled).toBe(true)
})

test('K-9: upkeep waits for the engine', async () => {
  const { timers, timer } = clock()
  const engine = Promise.withResolvers<void>()
  const reports: UpkeepReport[] = []
  const upkeep = { timer, done: (report: UpkeepReport) => void reports.push(report) }
  const { replica } = await open({ engine: engine.promise, upkeep })
  timers.at(-1)!.run()
  await new Promise((resolve) => setImmediate(resolve))
  expect(reports).toEqual([])
  engine.resolve()
  await expect.poll(() => reports.length).toBe(1)
  await replica.close()
})
