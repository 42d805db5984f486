import { LiveError, type LiveReplica, type SyncState } from '@skerry/live'
import { describe, expect, test } from 'vitest'
import { CALLS_MAX, RECORDS_PER_MESSAGE_MAX, SETTLED_TOLD_MAX, WATCHES_MAX } from './limits.ts'
import { PROTOCOL, readInLobby, readToPage } from './messages.ts'
import { Bed, type Mode, order, RAW_TAB, rawPage, Shown } from './tabs.test-support.ts'

const modes: Mode[] = ['shared', 'leader']

/** Promises to be kept by hand. */
function gate(): { passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { passed: promise, open: resolve }
}

describe.each(modes)('in %s mode', (mode) => {
  test('T-1 T-4 M-2: two tabs have one replica, and see each other', async () => {
    const bed = new Bed({ mode })
    const [a, b] = [bed.page(), bed.page()]
    const [atA, atB] = [new Shown(a.live), new Shown(b.live)]
    const id = await a.live.create('orders', order)
    await atA.until((records) => records.length === 1)
    expect(atA.records.map((record) => record.id)).toEqual([id])
    await atB.until((records) => records.length === 1)
    await b.live.update('orders', id, { base: order, wanted: { ...order, hours: 2 } })
    await atA.until(([record]) => record?.hours === 2)
    expect(bed.opened).toBe(1)
    expect((await a.live.identity).node).toBe((await b.live.identity).node)
  })

  test('T-2 O-3 O-4: a worker that dies is followed by another, and watches go on with what differs', async () => {
    const bed = new Bed({ mode })
    const [a, b] = [bed.page(), bed.page()]
    const shown = new Shown(b.live)
    const first = await a.live.create('orders', order)
    await shown.until((records) => records.length === 1)
    const told = shown.splices.length
    const died = performance.now()
    if (mode === 'shared') bed.worker.kill()
    else a.agent.kill()
    const second = await b.live.create('orders', { ...order, title: 'Second' })
    expect(performance.now() - died).toBeLessThan(2_000)
    expect(shown.records.map(({ id }) => id)).toEqual([first, second])
    expect(
      shown.splices.slice(told).map(({ at, removed, inserted }) => [at, removed, inserted.length]),
    ).toEqual([[1, 0, 1]])
    expect(bed.opened).toBe(2)
  })

  test('T-6: what a tab shows and watches ends with the tab', async () => {
    const bed = new Bed({ mode })
    const [a, b] = [bed.page(), bed.page()]
    await a.live.identity
    const shown = new Shown(b.live)
    await b.live.create('orders', order)
    await shown.until((records) => records.length === 1)
    const held = bed.browser.heldLocks.filter((name) => name.includes(':tab:'))
    expect(held).toHaveLength(2)
    b.agent.kill()
    await a.live.create('orders', order)
    expect(bed.browser.heldLocks.filter((name) => name.includes(':tab:'))).toHaveLength(1)
    expect(shown.records).toHaveLength(1)
  })
})

test('T-3: when the worker of the leader dies alone, the leader starts another one, and the others find it', async () => {
  const bed = new Bed({ mode: 'leader' })
  const [a, b] = [bed.page(), bed.page()]
  await a.live.create('orders', order)
  const shown = new Shown(b.live)
  await shown.until((records) => records.length === 1)
  bed.worker.kill()
  await b.live.create('orders', order)
  await a.live.create('orders', order)
  expect(shown.records).toHaveLength(3)
  expect(bed.opened).toBe(2)
})

test('O-1: a call before there is a worker waits for it', async () => {
  const opening = gate()
  const bed = new Bed({ opening: () => opening.passed })
  const { live } = bed.page()
  const created = live.create('orders', order)
  opening.open()
  expect(await live.get('orders', await created)).toMatchObject(order)
})

describe('O-2: calls under way when the worker dies', () => {
  /** A worker that is stopped in the middle of its next commit, before or after it is durable. */
  async function stopped(durable: boolean) {
    const reached = gate()
    let armed = false
    let skip = durable ? 1 : 0
    const bed: Bed = new Bed({
      beforeCommit: () => {
        if (!armed) return
        if (skip-- > 0) return
        reached.open()
        bed.worker.kill()
        armed = false
      },
    })
    const { live } = bed.page()
    const id = await live.create('orders', order)
    return {
      live,
      id,
      bed,
      arm: () => {
        armed = true
        skip = durable ? 1 : 0
      },
      reached: reached.passed,
    }
  }

  test('create that was not durable is made by the next worker, once', async () => {
    const { live, arm } = await stopped(false)
    arm()
    const id = await live.create('orders', { ...order, title: 'Under way' })
    expect(await live.get('orders', id)).toMatchObject({ title: 'Under way' })
  })

  test('create that was durable and not answered is not made twice, and resolves', async () => {
    const bed = new Bed()
    const { live } = bed.page()
    await live.create('orders', order)
    const shown = new Shown(live)
    await shown.until((records) => records.length === 1)
    const worker = bed.worker
    const created = live.create('orders', { ...order, title: 'Durable' }, 'mine')
    // Durable as soon as a watch tells it; the answer comes in a later message, which is never said.
    await new Promise<void>((resolve) => {
      const commit = bed.disk
      const look = () => (commit && shown.records.length === 2 ? resolve() : setImmediate(look))
      look()
    })
    worker.kill()
    expect(await created).toBe('mine')
    expect(shown.records).toHaveLength(2)
  })

  test('create under an id that somebody has already is refused by the next worker too', async () => {
    const bed = new Bed()
    const { live } = bed.page()
    await live.create('orders', order, 'taken')
    const made = live.create('orders', order, 'taken')
    bed.worker.kill()
    await expect(made).rejects.toMatchObject({ code: 'exists' })
  })

  test.each([true, false])(
    'O-6: an update is made once (it was durable when the worker died: %s)',
    async (durable) => {
      const { live, id, arm, bed } = await stopped(durable)
      arm()
      await live.update('orders', id, { base: order, wanted: { ...order, hours: 3, notes: 'leaks' } })
      if (durable) await live.update('orders', id, { base: order, wanted: { ...order, hours: 1 } })
      expect(bed.opened).toBe(2)
      expect(await live.get('orders', id)).toMatchObject({ hours: durable ? 4 : 3, notes: 'leaks' })
    },
  )

  test('remove that was not durable is done by the next worker', async () => {
    const { live, id, arm } = await stopped(false)
    arm()
    await live.remove('orders', id)
    expect(await live.get('orders', id)).toBeUndefined()
  })

  test('saved is asked again', async () => {
    const { live, id, arm, bed } = await stopped(false)
    const ending = new AbortController()
    const saved = live.saved('orders', id, 'hub', ending.signal)
    arm()
    await live.create('orders', order)
    expect(bed.opened).toBe(2)
    ending.abort()
    await expect(saved).rejects.toMatchObject({ code: 'aborted' })
  })
})

describe.each(modes)('O-6: a worker that dies at any moment of an edit, in %s mode', (mode) => {
  /** Turns of the loop that an edit takes to be answered, and some. */
  const MOMENTS = 24

  test(`of ${MOMENTS} moments, none loses or doubles it`, async () => {
    const bed = new Bed({ mode })
    // In leader mode this one has the worker.
    const leader = bed.page()
    const { live } = mode === 'shared' ? leader : bed.page()
    const id = await live.create('orders', order)
    for (let moment = 0; moment < MOMENTS; moment++) {
      const base = (await live.get('orders', id))!
      const wanted = { ...base, hours: moment + 1, notes: `${base.notes as string}.` }
      const edited = live.update('orders', id, { base, wanted })
      const made = live.create('orders', order, `made-${moment}`)
      for (let turn = 0; turn < moment; turn++) await new Promise((resolve) => setImmediate(resolve))
      bed.worker.kill()
      await edited
      expect(await made).toBe(`made-${moment}`)
      expect(await live.get('orders', id), `killed after ${moment} turns`).toMatchObject({
        hours: moment + 1,
        notes: '.'.repeat(moment + 1),
      })
    }
    expect(bed.opened).toBe(MOMENTS + 1)
  })
})

describe('O-7: edits of one page that nobody awaits', () => {
  /** Turns of the loop that three edits take to be answered, and some. */
  const MOMENTS = 40

  test(`of ${MOMENTS} moments at which the worker dies, none has a record removed again that was brought back`, async () => {
    const bed = new Bed()
    const { live } = bed.page()
    for (let moment = 0; moment < MOMENTS; moment++) {
      const id = await live.create('orders', order)
      const [made] = await live.history('orders', id)
      const calls = [
        live.update('orders', id, { base: order, wanted: { ...order, hours: 1 } }),
        live.remove('orders', id),
        live.restore('orders', id, made!.hash),
      ]
      for (let turn = 0; turn < moment; turn++) await new Promise((resolve) => setImmediate(resolve))
      bed.worker.kill()
      await Promise.all(calls)
      expect(await live.get('orders', id), `killed after ${moment} turns`).toMatchObject({ hours: 0 })
    }
  })
})

test('O-6: a page leaves the id of its last edit, however many it made', async () => {
  const bed = new Bed()
  const { live } = bed.page()
  const id = await live.create('orders', order)
  for (let hours = 1; hours <= 5; hours++)
    await live.update('orders', id, { base: order, wanted: { ...order, hours: 1 } })
  await expect(live.create('orders', order, id)).rejects.toMatchObject({ code: 'exists' })
  await live.create('orders', order)
  expect(await bed.idsKept()).toBe(1)
})

test('O-5 M-4: a replica that cannot be opened is said so with its code, and tried again later', async () => {
  let fail = true
  const bed = new Bed({
    opening: async () => {
      if (fail)
        throw Object.assign(new Error('of a newer version'), { name: 'StoreError', code: 'newer-format' })
    },
  })
  const { live } = bed.page()
  const failure = { name: 'StoreError', code: 'newer-format', message: 'of a newer version' }
  await expect(live.create('orders', order)).rejects.toMatchObject(failure)
  const told = new Promise<LiveError>((resolve) =>
    live.watch({ collection: 'orders', where: {}, orderBy: [] }, () => undefined, resolve),
  )
  expect(await told).toMatchObject(failure)
  fail = false
  const again = async (): Promise<string> => live.create('orders', order).catch(again)
  expect(await live.get('orders', await again())).toMatchObject(order)
})

test('M-4: a refusal crosses with name, code, words and issues', async () => {
  const { live } = new Bed().page()
  const refused = live.create('orders', { ...order, title: 7 })
  await expect(refused).rejects.toBeInstanceOf(LiveError)
  await expect(refused).rejects.toMatchObject({
    name: 'RecordInvalid',
    code: 'schema',
    issues: [{ path: '/title' }],
  })
})

test('M-3: a long result comes in parts', async () => {
  const { live } = new Bed().page()
  const many = RECORDS_PER_MESSAGE_MAX * 2 + 1
  await Promise.all(Array.from({ length: many }, () => live.create('orders', order)))
  const shown = new Shown(live)
  await shown.until((records) => records.length === many)
  expect(shown.splices.length).toBeGreaterThanOrEqual(3)
  expect(Math.max(...shown.splices.map(({ inserted }) => inserted.length))).toBe(RECORDS_PER_MESSAGE_MAX)
  expect(shown.splices.map(({ more }) => more === true).lastIndexOf(true)).toBe(shown.splices.length - 2)
})

const blocked = (live: LiveReplica) =>
  new Promise<SyncState>((resolve, reject) =>
    live.watchSync((state) => state.phase === 'blocked' && resolve(state), reject),
  )

describe('V: versions', () => {
  test.each(modes)(
    'V-1 V-3: a newer page takes over, and the older one is told to reload, in %s mode',
    async (mode) => {
      const bed = new Bed({ mode })
      const old = bed.page(1)
      const id = await old.live.create('orders', order)
      const sync = blocked(old.live)
      const young = bed.page(2)
      expect((await sync).reason?.code).toBe('reload')
      expect((await blocked(old.live)).reason?.code).toBe('reload')
      await expect(old.live.get('orders', id)).rejects.toMatchObject({ code: 'reload' })
      expect(await young.live.get('orders', id)).toMatchObject(order)
      expect(old.events).toMatchObject([{ code: 'reload' }])
    },
  )

  test('V-1: an older page beside a newer one is told to reload', async () => {
    const bed = new Bed()
    const young = bed.page(2)
    await young.live.create('orders', order)
    const old = bed.page(1)
    await expect(old.live.create('orders', order)).rejects.toMatchObject({ code: 'reload' })
    await young.live.create('orders', order)
  })
})

describe('V-2: scripts that have names of their own', () => {
  test('a newer worker that waits for the seat gets it from the older one', async () => {
    const bed = new Bed({ isNamedByVersion: true })
    const old = bed.page(1)
    const id = await old.live.create('orders', order)
    const sync = blocked(old.live)
    const young = bed.page(2)
    expect(await young.live.get('orders', id)).toMatchObject(order)
    expect((await sync).reason?.code).toBe('reload')
    expect(bed.serverEvents).toMatchObject([{ code: 'gave-way' }])
  })

  test('an older worker that comes beside a newer one tells its page to reload', async () => {
    const bed = new Bed({ isNamedByVersion: true })
    const young = bed.page(2)
    const id = await young.live.create('orders', order)
    const old = bed.page(1)
    await expect(old.live.get('orders', id)).rejects.toMatchObject({ code: 'reload' })
    expect(await young.live.get('orders', id)).toMatchObject(order)
    expect(bed.opened).toBe(1)
  })
})

test('T-5: a worker whose script fails is said so, and made again', async () => {
  const bed = new Bed({ failingWorkers: 1 })
  const { live, events } = bed.page()
  const told: SyncState[] = []
  live.watchSync(
    (state) => told.push(state),
    () => undefined,
  )
  expect(await live.get('orders', 'x')).toBeUndefined()
  expect(told[0]).toMatchObject({ phase: 'blocked', reason: { code: 'worker-failed' } })
  expect(events).toMatchObject([{ code: 'worker-failed' }])
})

describe('M-1: what is no message', () => {
  const once = { id: 'e1', settled: [] }
  const tooManySettled = Array.from({ length: SETTLED_TOLD_MAX + 1 }, (_, i) => `e${i}`)
  const hello = { kind: 'hello', protocol: PROTOCOL, version: 1, tab: RAW_TAB }

  test.each([
    ['a text', 'hello'],
    ['a hello without a version', { ...hello, version: undefined }],
    ['a tab that is no name', { ...hello, tab: 'x'.repeat(1_000) }],
  ])('%s is dropped and reported', async (_, message) => {
    const bed = new Bed()
    const page = rawPage(bed)
    page.say(message)
    page.say(hello)
    await page.until('welcome')
    expect(bed.serverEvents).toMatchObject([{ code: 'malformed-message' }])
  })

  test.each([
    ['a call of nothing that there is', { kind: 'call', id: 1, name: 'constructor', args: [] }],
    ['a call with too few arguments', { kind: 'call', id: 1, name: 'get', args: ['orders'] }],
    ['a call with others', { kind: 'call', id: 1, name: 'update', args: ['orders', 'x', { base: 1 }, once] }],
    [
      'an edit without an id',
      {
        kind: 'call',
        id: 1,
        name: 'update',
        args: ['orders', 'x', { base: {}, wanted: {} }, { id: 7, settled: [] }],
      },
    ],
    [
      'an edit that says of too many that they were answered',
      {
        kind: 'call',
        id: 1,
        name: 'create',
        args: ['orders', order, 'x', { id: 'e', settled: tooManySettled }],
      },
    ],
  ])('%s is refused by its number', async (_, message) => {
    const page = rawPage(new Bed())
    page.say(hello)
    await page.until('welcome')
    page.say(message)
    expect(await page.until('failed')).toMatchObject({ id: 1, error: { code: 'malformed-message' } })
  })

  test.each([
    ['watch', [{ collection: 'orders', where: { title: 7 }, orderBy: [] }]],
    ['watch', [{ collection: 'orders', where: {}, orderBy: [{ field: 'title', direction: 'up' }] }]],
    ['watchOutbox', [-1]],
  ])('a watch (%s) of nothing that can be watched ends', async (name, args) => {
    const page = rawPage(new Bed())
    page.say(hello)
    await page.until('welcome')
    page.say({ kind: 'watch', id: 2, name, args })
    expect(await page.until('ended')).toMatchObject({ id: 2, error: { code: 'malformed-message' } })
  })

  test.each([
    [undefined],
    [{ kind: 'done' }],
    [{ kind: 'failed', id: 1, error: { name: 'Error', code: 7, message: '' } }],
    [{ kind: 'welcome', protocol: 1, version: 1 }],
  ])('a page takes %j for none', (message) => {
    expect(readToPage(message)).toBeUndefined()
  })

  test.each([[{ kind: 'knock', protocol: 1, version: 1 }], [{ kind: 'yield' }], [7]])(
    'nobody in the lobby hears %j',
    (message) => {
      expect(readInLobby(message)).toBeUndefined()
    },
  )
})

test('M-5: more watches and calls than a tab may have are refused', async () => {
  const opening = gate()
  const { live } = new Bed({ opening: () => opening.passed }).page()
  const stops = Array.from({ length: WATCHES_MAX }, () =>
    live.watchAside(
      () => undefined,
      () => undefined,
    ),
  )
  const refused = await new Promise<LiveError>((resolve) => live.watchAside(() => undefined, resolve))
  expect(refused.code).toBe('too-many')
  stops.pop()!()
  const calls = Array.from({ length: CALLS_MAX }, () => live.get('orders', 'x'))
  await expect(live.get('orders', 'x')).rejects.toMatchObject({ code: 'too-many' })
  opening.open()
  await Promise.all(calls)
})

test('P-3: what is under way at close is rejected, and nothing is left behind', async () => {
  const opening = gate()
  const bed = new Bed({ opening: () => opening.passed })
  const { live } = bed.page()
  const call = live.create('orders', order)
  await live.close()
  await expect(call).rejects.toMatchObject({ code: 'closed' })
  await expect(live.get('orders', 'x')).rejects.toMatchObject({ code: 'closed' })
  opening.open()
  expect(bed.browser.heldLocks.filter((name) => name.includes(':tab:'))).toEqual([])
})
