import { type Inspect, LiveError, type LogPage, liveOver } from '@skerry/live'
import { contractSpace, Told } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { inspectPort, inspectTabs } from './inspect.ts'
import type { Opened } from './server.ts'
import { Bed, type Mode } from './tabs.test-support.ts'

beforeAll(startEngine)

/** Answers with who it is, and tells what the test says. */
class FakeInspect implements Inspect {
  readonly head: number
  readonly telling = new Set<(page: LogPage) => void>()
  readonly asked: unknown[] = []

  constructor(head: number) {
    this.head = head
  }

  about = async () => ({ ...about, head: this.head })
  log = async (below: number, limit: number) => ({ head: below, entries: [], older: limit })
  entry = async () => undefined
  record = async () => undefined
  watchLog: Inspect['watchLog'] = (_limit, told) => {
    told({ head: this.head, entries: [], older: undefined })
    this.telling.add(told)
    return () => this.telling.delete(told)
  }
  watchLines = () => () => undefined
  watchNetwork = () => () => undefined
  async setNetwork(network: unknown) {
    this.asked.push(network)
    throw new LiveError('LiveError', 'invalid', 'no such network')
  }
}

const about = {
  node: 'n',
  space: 's',
  entries: 0,
  records: 0,
  bytes: 0,
  parked: 0,
  collections: ['jobs'],
}

async function bedWith(mode: Mode, inspect: Opened['inspect']): Promise<Bed> {
  const space = await contractSpace()
  onTestFinished(() => space.close())
  const bed: Bed = new Bed({
    mode,
    open: async () => {
      const replica = bed.opened === 1 ? space.edge : await space.reopen()
      return {
        live: liveOver(replica, { host: space.host }),
        ...(inspect && { inspect }),
        close: async () => undefined,
      }
    },
  })
  return bed
}

describe.each(['shared', 'leader'] satisfies Mode[])('in %s mode', (mode) => {
  test('N-1: without an inspect of the worker, what is asked fails with not-inspected', async () => {
    const bed = await bedWith(mode, undefined)
    const inspect = inspectTabs(bed.page().live)
    await expect(inspect.about()).rejects.toMatchObject({ code: 'not-inspected' })
    const told = new Told<LogPage>()
    inspect.watchLog(1, told.told, told.failed)
    expect((await told.untilFailed()).code).toBe('not-inspected')
  })

  test('N-1: it is made when a page first asks, once, and made again after a failure', async () => {
    let made = 0
    const bed = await bedWith(mode, async () => {
      made += 1
      if (made === 1) throw new Error('no network for its code')
      return inspectPort(new FakeInspect(7))
    })
    const page = bed.page()
    await page.live.identity
    expect(made).toBe(0)
    const inspect = inspectTabs(page.live)
    expect(inspectTabs(page.live)).toBe(inspect)
    await expect(inspect.about()).rejects.toThrow('no network for its code')
    expect(await inspect.about()).toMatchObject({ head: 7 })
    expect(await inspect.log(5, 1)).toEqual({ head: 5, entries: [], older: 1 })
    expect(made).toBe(2)
  })

  test('N-2: a watch goes on at the next server, and calls are answered by it', async () => {
    const served: FakeInspect[] = []
    const bed = await bedWith(mode, async () => {
      const inspect = new FakeInspect(served.length + 1)
      served.push(inspect)
      return inspectPort(inspect)
    })
    const [first, second] = [bed.page(), bed.page()]
    const inspect = inspectTabs(second.live)
    const told = new Told<LogPage>()
    inspect.watchLog(10, told.told, told.failed)
    await told.until(({ head }) => head === 1)
    if (mode === 'shared') bed.worker.kill()
    else first.agent.kill()
    await told.until(({ head }) => head === 2)
    expect(await inspect.about()).toMatchObject({ head: 2 })
  })

  test('N-3: its watches end with it, and with its page', async () => {
    const served = new FakeInspect(1)
    const bed = await bedWith(mode, async () => inspectPort(served))
    // In leader mode the first page's end would be the worker's.
    const [first, page] = [bed.page(), bed.page()]
    await first.live.identity
    const inspect = inspectTabs(page.live)
    const told = new Told<LogPage>()
    const stop = inspect.watchLog(10, told.told, told.failed)
    inspect.watchLog(11, told.told, told.failed)
    while (told.values.length < 2) await inspect.about()
    stop()
    while (served.telling.size > 1) await inspect.about()
    const other = inspectTabs(first.live)
    await page.live.close()
    while (served.telling.size > 0) await other.about()
    await expect(inspect.about()).rejects.toMatchObject({ code: 'closed' })
  })
})

test('M-1 M-4: arguments that are none are refused, and a failure arrives with its code', async () => {
  const served = new FakeInspect(1)
  const bed = await bedWith('shared', async () => inspectPort(served))
  const inspect = inspectTabs(bed.page().live)
  await expect(inspect.setNetwork({ kind: 'nonsense' } as never)).rejects.toMatchObject({
    code: 'malformed-message',
  })
  await expect(inspect.entry(-1)).rejects.toMatchObject({ code: 'malformed-message' })
  expect(served.asked).toEqual([])
  await expect(inspect.setNetwork({ kind: 'cut' })).rejects.toMatchObject({ code: 'invalid' })
})

test('another live replica has no worker to ask', async () => {
  const space = await contractSpace()
  onTestFinished(() => space.close())
  const live = liveOver(space.edge, { host: space.host })
  expect(() => inspectTabs(live)).toThrow(/connectTabs/)
  await live.close()
})
