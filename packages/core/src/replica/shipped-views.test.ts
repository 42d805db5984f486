import { beforeAll, describe, expect, test } from 'vitest'
import { SPACE_CHANNEL } from '../identity/credential.ts'
import type { Collection } from '../records/collection.ts'
import { connect, settle, turn } from '../session/pair.test-support.ts'
import { encodeViews } from '../session/view-text.ts'
import { SHIPPED_BYTES_MAX, VIEW_DEPTH_MAX } from './limits.ts'
import { newOrder, ofVersion } from './mixed-versions.test-support.ts'
import { NotHereYet } from './not-here-yet.ts'
import { type Orders, open, openHub, order, peerOf } from './orders.test-support.ts'
import { plainToken, startEngine, testHost, workOrders } from './replica.test-support.ts'
import {
  both,
  fill,
  keptOn,
  saying,
  shown,
  tellEntries,
  tellLeave,
  until,
  views,
} from './shipped.test-support.ts'
import { readShippedJson } from './shipped-json.ts'
import { ShippedPages } from './shipped-pages.ts'
import { ShippedViews } from './shipped-views.ts'
import type { Turn } from './turn.ts'

beforeAll(startEngine)

const ids = (records: readonly { id: string }[]) => records.map(({ id }) => id)
const codes = (events: readonly { code: string }[]) => events.map(({ code }) => code)
const nothing = { verified: 0, mismatched: 0, outdated: 0, dropped: 0 }
const countsOf = async (replica: Orders) => (await replica.stats()).views
const move = (replica: Orders, id: string, site: string) =>
  replica.workOrders.update(id, (draft) => {
    draft.site = site
  })

describe('what is shown', () => {
  test('U-5, U-7: views are shown before an entry is here, and are the records afterwards', async () => {
    const { edge, goOn, hub } = await shown(['a', 'b', 'c'])
    const { workOrders } = edge.replica
    expect([edge.replica.unverified(), edge.replica.head]).toEqual([3, 0])
    expect(ids(await workOrders.all())).toEqual(['a', 'b', 'c'])
    expect(await workOrders.get('b')).toEqual(await hub.replica.workOrders.get('b'))
    expect([workOrders.isUnverified('b'), workOrders.isUnverified('z')]).toEqual([true, false])
    await goOn()
    expect(edge.replica.unverified()).toBe(0)
    expect(await workOrders.all()).toEqual(await hub.replica.workOrders.all())
    expect(await countsOf(edge.replica)).toEqual({ ...nothing, verified: 3 })
    expect(codes(edge.events)).toEqual([])
  })

  test('U-5: where finds by index and without, in order, beside rows that are here', async () => {
    const { edge } = await shown(['a', 'b', 'c'], {
      prepare: (hub) =>
        hub.workOrders.update('b', (draft) => {
          draft.status = 'done'
        }),
    })
    const { workOrders } = edge.replica
    await workOrders.create({ ...order, title: 'own' }, { id: 'own' })
    expect(ids(await workOrders.where({ status: 'done' }).all())).toEqual(['b'])
    expect(ids(await workOrders.where({ status: 'open', site: 'SEA' }).all())).toEqual(['a', 'c', 'own'])
    expect(ids(await workOrders.where({ title: (title) => title.endsWith('c') }).all())).toEqual(['c'])
    expect(ids(await workOrders.where({}).orderBy('title', 'descending').limit(2).all())).toEqual(['c', 'b'])
    expect(await workOrders.where({}).count()).toBe(4)
  })

  test('U-5, U-7: a subscription shows views, is not called for what is as they said, and is for the rest', async () => {
    const hub = await openHub({ views })
    await fill(hub.replica, ['a', 'b'])
    const edge = await open({ seed: 2, grant: both })
    const rendered: string[][] = []
    edge.replica.workOrders.where({}).subscribe((records) => rendered.push(ids(records)))
    await turn()
    const met = connect({ hub: hub.replica.session, edge: edge.replica.session })
    await until(met, () => met.initiator.queryable)
    expect(rendered).toEqual([[], ['a', 'b']])
    await settle(met.link)
    expect([edge.replica.unverified(), rendered]).toEqual([0, [[], ['a', 'b']]])
    await hub.replica.workOrders.delete('a')
    await settle(met.link)
    expect(rendered.at(-1)).toEqual(['b'])
  })

  test('U-7: what changed between is shown as it is then, and counted as outdated', async () => {
    const { edge, goOn, hub } = await shown(['a', 'b', 'c'])
    const rendered: string[][] = []
    edge.replica.workOrders.where({}).subscribe((records) => rendered.push(records.map(({ title }) => title)))
    await hub.replica.workOrders.update('a', (draft) => {
      draft.title = 'changed'
    })
    await hub.replica.workOrders.delete('b')
    await goOn()
    expect(rendered.at(-1)).toEqual(['changed', 'title of c'])
    const counts = await countsOf(edge.replica)
    expect(counts.mismatched + counts.dropped).toBe(0)
    expect(counts.verified + counts.outdated).toBe(3)
  })

  test('U-3: a view of an older version is led through the lenses, one of a newer is passed over', async () => {
    const hub = await openHub({ views, collection: ofVersion(1) })
    await hub.replica.workOrders.create({ ...newOrder[1], hours: 2 } as never, { id: 'a' })
    const newer = await open({ seed: 2, grant: both, collection: ofVersion(3) })
    const met = connect({ hub: hub.replica.session, edge: newer.replica.session })
    await until(met, () => met.initiator.queryable)
    expect(newer.replica.unverified()).toBe(1)
    const early = await newer.replica.workOrders.get('a')
    expect(early).toMatchObject({ summary: 't', title: 'untitled', place: 'SEA', minutes: 120 })
    await settle(met.link)
    expect(await newer.replica.workOrders.get('a')).toEqual(early)
    expect(await countsOf(newer.replica)).toEqual({ ...nothing, outdated: 1 })

    const latest = await openHub({ seed: 98, views, collection: ofVersion(3) })
    await latest.replica.workOrders.create(newOrder[3] as never, { id: 'b' })
    const older = await open({ seed: 3, grant: both, collection: ofVersion(1) })
    const second = connect({ hub: latest.replica.session, edge: older.replica.session })
    await until(second, () => second.initiator.queryable)
    expect(older.replica.unverified()).toBe(0)
    await settle(second.link)
    expect(ids(await older.replica.workOrders.all())).toEqual(['b'])
  })
})

describe('what nobody trusts', () => {
  test('U-7: a lie is shown until its entries are here, then counted, reported and gone', async () => {
    const { edge, goOn, hub } = await shown(['a', 'b'], {
      tell: (view) => (view.record.endsWith('/a') ? saying(view, '{"title":"a lie","site":"SEA"}') : view),
    })
    const rendered: string[][] = []
    edge.replica.workOrders.where({}).subscribe((records) => rendered.push(records.map(({ title }) => title)))
    await turn()
    expect(rendered).toEqual([['a lie', 'title of b']])
    await goOn()
    expect(rendered.at(-1)).toEqual(['title of a', 'title of b'])
    expect(await edge.replica.workOrders.all()).toEqual(await hub.replica.workOrders.all())
    expect(await countsOf(edge.replica)).toEqual({ ...nothing, verified: 1, mismatched: 1 })
    expect(edge.events).toMatchObject([{ code: 'view-mismatch', fields: { record: 'work_orders/a' } }])
  })

  test('U-4: what is no view is not shown, and reported when somebody asks', async () => {
    const { edge, goOn } = await shown(['a', 'b'], {
      tell: (view) => (view.record.endsWith('/a') ? saying(view, '{"__proto__":{"isAdmin":true}}') : view),
    })
    expect(ids(await edge.replica.workOrders.all())).toEqual(['b'])
    expect(await edge.replica.workOrders.get('a')).toBeUndefined()
    expect([codes(edge.events), edge.replica.unverified()]).toEqual([['view-unreadable'], 1])
    await goOn()
    expect(ids(await edge.replica.workOrders.all())).toEqual(['a', 'b'])
  })

  test.each<[string, string, boolean]>([
    ['an object', '{"a":[1,{"b":null}],"at":"a@b"}', true],
    ['a flat one', '{"a":1,"b":"constructed"}', true],
    ['no JSON', '{"a":', false],
    ['a list', '[]', false],
    ['null', 'null', false],
    ['a key that reaches into a prototype', '{"__proto__":1}', false],
    ['one that is escaped, and nested', '{"a":{"\\u005f_proto__":1}}', false],
    ['one that is escaped', '{"\\u0063onstructor":1}', false],
    ['a constructor in a list', '{"a":[{"constructor":1}]}', false],
    ['a key of our own', '{"@deleted":true}', false],
    ['as deep as is allowed', `${'{"a":'.repeat(VIEW_DEPTH_MAX)}1${'}'.repeat(VIEW_DEPTH_MAX)}`, true],
    ['deeper', `${'{"a":'.repeat(VIEW_DEPTH_MAX + 1)}1${'}'.repeat(VIEW_DEPTH_MAX + 1)}`, false],
    ['as deep as bytes allow', `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, false],
  ])('U-4: reading %s', (_what, text, isShown) => {
    expect(readShippedJson(text) !== undefined).toBe(isShown)
  })

  test('U-3: views of unknown collections, of odd keys and versions, and of what is here are passed over', async () => {
    const { edge, goOn } = await shown(['a'], {
      tell: (view) => [
        view,
        { ...view, record: 'secrets/a' },
        { ...view, record: 'work_orders/' },
        { ...view, record: 'work_orders' },
        { ...view, record: `work_orders/${'x'.repeat(400)}` },
        { ...view, record: 'work_orders/v0', version: 0 },
        { ...view, record: 'work_orders/v2', version: 2 },
      ],
    })
    expect(ids(await edge.replica.workOrders.all())).toEqual(['a'])
    expect(edge.replica.unverified()).toBe(1)
    await goOn()
    expect(await countsOf(edge.replica)).toEqual({ ...nothing, verified: 1 })
  })

  test('U-3: a record that is here is not shown by a view', async () => {
    const hub = await openHub({ views })
    await fill(hub.replica, ['a', 'b'])
    const edge = await open({ seed: 2, grant: both })
    await edge.replica.workOrders.create({ ...order, title: 'mine' }, { id: 'a' })
    const met = connect({ hub: hub.replica.session, edge: edge.replica.session })
    await until(met, () => met.initiator.queryable)
    expect(edge.replica.unverified()).toBe(1)
    expect((await edge.replica.workOrders.get('a'))?.title).toBe('mine')
    await settle(met.link)
    expect(edge.replica.unverified()).toBe(0)
  })
})

describe('U-6: nothing else reads them', () => {
  test('no row, no record, no channel, no digest, no mark, no entry and no transaction', async () => {
    const { edge, hub } = await shown(['a', 'b'])
    const { replica } = edge
    expect(await replica.stats()).toMatchObject({ records: 0, entries: 0, head: 0, unverified: 2 })
    await replica.session.digests.catchUp()
    expect(await replica.session.digests.hasAny('site:SEA')).toBe(false)
    const page = await replica.session.readChannels(new Map([['site:SEA', 0]]), { entries: 9, bytes: 9_999 })
    expect(page.items).toEqual([])
    expect((await replica.session.readViews('site:SEA', 0, new Set())).views).toEqual([])
    expect(await replica.entriesOf('work_orders/a')).toEqual([])
    expect(await replica.workOrders.receipts('a')).toEqual([])
    const state = await replica.transact((transaction) => transaction.record('work_orders/a'))
    expect(state.value).toBeUndefined()
    expect(await replica.upkeep()).toMatchObject({ entries: 0, compacted: 0, done: true })
    // Nobody was told anything: the channels are asked from the beginning, and nothing is compared.
    const want = await replica.session.want(peerOf(hub.replica))
    expect(want).toEqual({
      kind: 'channels',
      credentials: 1,
      cursors: new Map([
        ['site:SEA', undefined],
        ['site:PDX', undefined],
        [SPACE_CHANNEL, undefined],
      ]),
    })
  })

  test('commits tell them apart from changes, so that no follower takes one for an edit', async () => {
    const hub = await openHub({ views })
    await fill(hub.replica, ['a', 'b'])
    const edge = await open({ seed: 2, grant: both })
    const changes: string[] = []
    const unverified: string[] = []
    const confirmed: string[] = []
    edge.replica.onCommit((commit) => {
      changes.push(...commit.changes.map(({ record }) => record))
      unverified.push(...[...commit.unverified].map(({ record, after }) => `${record} ${after()?.['title']}`))
      confirmed.push(...commit.confirmed)
    })
    const met = connect({ hub: hub.replica.session, edge: edge.replica.session })
    await until(met, () => met.initiator.queryable)
    expect([changes, unverified]).toEqual([[], ['work_orders/a title of a', 'work_orders/b title of b']])
    await settle(met.link)
    expect(changes).toEqual(['work_orders/a', 'work_orders/b'])
    expect([unverified.length, confirmed]).toEqual([2, changes])
  })

  test('a peer is told nothing of them', async () => {
    const { edge } = await shown(['a', 'b'])
    const peerEdge = await open({ seed: 5, grant: { ...both, subject: 'tech:ben' } })
    const met = connect({ hub: edge.replica.session, edge: peerEdge.replica.session })
    await settle(met.link)
    expect(met.initiator.current).toBe(true)
    expect([await peerEdge.replica.workOrders.all(), peerEdge.replica.unverified()]).toEqual([[], 0])
  })
})

describe('U-10: what needs the record waits for it', () => {
  test('update, delete, history, concurrent and create wait, and go on when it is here', async () => {
    const { edge, goOn } = await shown(['a', 'b', 'c', 'd', 'e'])
    const { workOrders } = edge.replica
    const waiting = Promise.allSettled([
      workOrders.update('a', (draft) => {
        draft.title += ', edited'
      }),
      workOrders.delete('b'),
      workOrders.history('c'),
      workOrders.concurrent('d'),
      workOrders.create({ ...order }, { id: 'e' }),
      workOrders.arrived('e'),
    ])
    await turn()
    expect((await edge.replica.stats()).entries).toBe(0)
    await goOn()
    const [update, deleted, history, concurrent, created, arrived] = await waiting
    expect(update).toMatchObject({ value: { title: 'title of a, edited' } })
    expect([deleted, history, concurrent, arrived].map(({ status }) => status)).toEqual(
      Array(4).fill('fulfilled'),
    )
    expect(created).toMatchObject({ reason: { code: 'exists' } })
    expect(ids(await workOrders.all())).toEqual(['a', 'c', 'd', 'e'])
  })

  test('not for ever: not-here-yet, and nothing is left waiting', async () => {
    const { edge, goOn } = await shown(['a'])
    const { workOrders } = edge.replica
    await expect(workOrders.arrived('a', { timeoutMs: 1 })).rejects.toThrow(NotHereYet)
    await expect(workOrders.arrived('a', { timeoutMs: 1 })).rejects.toMatchObject({ code: 'not-here-yet' })
    await workOrders.arrived('z')
    await goOn()
    await workOrders.arrived('a')
  })

  test('closing ends the wait', async () => {
    const { edge, met } = await shown(['a'])
    const update = edge.replica.workOrders.update('a', () => undefined)
    update.catch(() => undefined)
    met.link.cut()
    await edge.replica.close()
    await expect(update).rejects.toMatchObject({ code: 'replica-closed' })
  })

  test('saved resolves at once, since nothing of it was written here', async () => {
    const { edge } = await shown(['a'])
    await edge.replica.workOrders.saved('a', 'here')
    await edge.replica.workOrders.saved('a', 'hub')
    await edge.replica.workOrders.saved('a', 'crm')
    await expect(edge.replica.workOrders.saved('z', 'hub')).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('taking them away', () => {
  test('U-8: what did not come when all was told is dropped, counted and reported', async () => {
    const { edge, goOn, hub } = await shown(['a', 'b', 'c'], {
      tell: (view) => [view, { ...view, record: `${view.record}-ghost` }],
    })
    const { workOrders } = edge.replica
    expect(ids(await workOrders.all())).toEqual(['a', 'a-ghost', 'b', 'b-ghost', 'c', 'c-ghost'])
    const waiting = workOrders.update('a-ghost', () => undefined)
    waiting.catch(() => undefined)
    await goOn()
    expect(ids(await workOrders.all())).toEqual(['a', 'b', 'c'])
    expect(await countsOf(edge.replica)).toEqual({ ...nothing, verified: 3, dropped: 3 })
    expect(edge.events).toMatchObject([{ code: 'views-dropped', fields: { records: 3 } }])
    await expect(waiting).rejects.toMatchObject({ code: 'not-found' })
    expect(await workOrders.all()).toEqual(await hub.replica.workOrders.all())
  })

  test('U-8: a record that left its channel before it was told does not stay', async () => {
    const { edge, goOn, hub } = await shown(['a', 'b'])
    await move(hub.replica, 'a', 'NYC')
    await goOn()
    expect(ids(await edge.replica.workOrders.all())).toEqual(['b'])
    expect(edge.replica.unverified()).toBe(0)
  })

  test('U-9: a credential that grants less takes all away, a view on its way too; one that grants the same does not', async () => {
    const { edge, goOn, hub } = await shown(['a', 'b'], { prepare: (hub) => move(hub, 'b', 'PDX') })
    const { publicKey, workOrders } = edge.replica
    await edge.replica.setCredential(plainToken(publicKey, { ...both, expiresAt: 5_000_000_000_000 }))
    expect(edge.replica.unverified()).toBe(2)
    await edge.replica.setCredential(plainToken(publicKey, { read: ['site:SEA'], write: ['site:SEA'] }))
    expect([edge.replica.unverified(), await workOrders.all()]).toEqual([0, []])
    const page = await hub.replica.session.readViews('site:PDX', 0, new Set())
    await edge.replica.session.takeViews({
      pages: [encodeViews(page.views)],
      channels: ['site:SEA', 'site:PDX'],
    })
    expect(edge.replica.unverified()).toBe(0)
    await edge.replica.session.takeViews({ pages: [encodeViews(page.views)], channels: ['site:SEA'] })
    expect(edge.replica.unverified()).toBe(1)
    await goOn()
  })
})

describe('closed and opened again', () => {
  test('U-2: what was shown is shown, and the entries verify it', async () => {
    const { hub, reopen } = await shown(['a', 'b'])
    const edge = await reopen()
    expect(ids(await edge.replica.workOrders.all())).toEqual(['a', 'b'])
    expect(edge.replica.unverified()).toBe(2)
    // U-1: entries are asked for, and no views.
    const met = connect({ hub: hub.replica.session, edge: edge.replica.session })
    await settle(met.link)
    expect(await countsOf(edge.replica)).toEqual({ ...nothing, verified: 2 })
    await edge.replica.close()
  })

  test('U-2: what came meanwhile, or was given up, is not shown by its view again', async () => {
    const { hub, edge, reopen } = await shown(['a', 'b', 'c'], {
      // One that never comes keeps the page.
      tell: (view) => (view.record.endsWith('/c') ? [view, { ...view, record: 'work_orders/ghost' }] : view),
    })
    await tellEntries(hub.replica, edge.replica)
    expect(edge.replica.unverified()).toBe(1)
    await tellLeave(hub.replica, edge.replica, 'a')
    expect(ids(await edge.replica.workOrders.all())).toEqual(['b', 'c', 'ghost'])
    const again = await reopen()
    expect(ids(await again.replica.workOrders.all())).toEqual(['b', 'c', 'ghost'])
    expect(again.replica.unverified()).toBe(1)
  })

  test('U-9: LEAVE takes a view away, also from what is shown after the next open', async () => {
    const { hub, edge, reopen } = await shown(['a', 'b'])
    await tellLeave(hub.replica, edge.replica, 'a')
    expect(ids(await edge.replica.workOrders.all())).toEqual(['b'])
    expect(await countsOf(edge.replica)).toEqual({ ...nothing, dropped: 1 })
    const again = await reopen()
    expect(ids(await again.replica.workOrders.all())).toEqual(['b'])
  })

  test('U-11: a page goes when none of its records is unverified, or all was told', async () => {
    const { edge, disk, goOn, hub, met } = await shown(['a', 'b'])
    await tellLeave(hub.replica, edge.replica, 'a')
    await tellEntries(hub.replica, edge.replica)
    await tellEntries(hub.replica, edge.replica)
    met.link.cut()
    await turn()
    await edge.replica.close()
    expect(await keptOn(disk)).toEqual([])
    const other = await shown(['a', 'b'], {
      tell: (view) => [view, { ...view, record: 'work_orders/ghost' }],
    })
    await other.goOn()
    await other.edge.replica.close()
    expect(await keptOn(other.disk)).toEqual([])
    await goOn()
  })

  test('U-2: a commit that fails shows nothing', async () => {
    const hub = await openHub({ views })
    await fill(hub.replica, ['a'])
    let isFull = false
    const edge = await open({
      seed: 2,
      grant: both,
      beforeCommit: () => {
        if (isFull) throw new Error('the disk is full')
      },
    })
    const { views: told } = await hub.replica.session.readViews('site:SEA', 0, new Set())
    isFull = true
    await expect(
      edge.replica.session.takeViews({ pages: [encodeViews(told)], channels: [] }),
    ).rejects.toThrow('full')
    expect([edge.replica.unverified(), await edge.replica.workOrders.all()]).toEqual([0, []])
    isFull = false
    await edge.replica.session.takeViews({ pages: [encodeViews(told)], channels: [] })
    expect(edge.replica.unverified()).toBe(1)
  })
})

test('SHIPPED_BYTES_MAX: a page up to it is kept, one beyond it is passed over', async () => {
  const page = encodeViews([{ record: 'work_orders/a', version: 1, heads: '', view: '{}' }])
  const kept = async (before: number) => {
    const collections = new Map([['work_orders', workOrders as Collection]])
    const shown = new ShippedViews({ host: testHost(), collections, events: () => undefined })
    shown.add({ number: 1, bytes: before, views: [] })
    const pages = new ShippedPages(shown, collections, () => undefined)
    const turn = {
      known: async () => new Set(),
      get: async () => undefined,
      put: () => undefined,
      afterCommit: (run: () => void) => run(),
    }
    await pages.take(turn as unknown as Turn, { pages: [page], channels: [] })
    return shown.size
  }
  expect(await kept(SHIPPED_BYTES_MAX - page.length)).toBe(1)
  expect(await kept(SHIPPED_BYTES_MAX - page.length + 1)).toBe(0)
})

describe('U-1: asking', () => {
  test('with the option `views: false` an edge does not ask, and a hub does not tell', async () => {
    const hub = await openHub({ views })
    await fill(hub.replica, ['a'])
    const edge = await open({ seed: 2, grant: both, views: false })
    expect(await edge.replica.session.want(peerOf(hub.replica))).not.toHaveProperty('views')
    const silent = await openHub({ seed: 98, views: false })
    await fill(silent.replica, ['a'])
    const taker = await open({ seed: 3, grant: both })
    const met = connect({ hub: silent.replica.session, edge: taker.replica.session })
    await settle(met.link)
    expect([ids(await taker.replica.workOrders.all()), await countsOf(taker.replica)]).toEqual([
      ['a'],
      nothing,
    ])
  })

  test('a hub tells none of fewer than 64 records unless it is told otherwise', async () => {
    const hub = await openHub()
    await fill(
      hub.replica,
      Array.from({ length: 63 }, (_, at) => `o${at}`),
    )
    const first = await open({ seed: 2, grant: both })
    await settle(connect({ hub: hub.replica.session, edge: first.replica.session }).link)
    expect(await countsOf(first.replica)).toEqual(nothing)
    await fill(hub.replica, ['o63'])
    const second = await open({ seed: 3, grant: both })
    await settle(connect({ hub: hub.replica.session, edge: second.replica.session }).link)
    expect(await countsOf(second.replica)).toEqual({ ...nothing, verified: 64 })
  })
})
