/** Changes by the log of a real PostgreSQL: what it tells, how it is cut into pages, and when a position is of no use any more. */
import { expect, test } from 'vitest'
import { call, openShop, told } from './shop.ts'
import type { Stand } from './stand.ts'

const insert = (titles: string) => `INSERT INTO orders (title) SELECT ${titles}`
const ids = (pages: { id: string }[][]) => pages.map((rows) => rows.map(({ id }) => id))

/** Does it until one of its commits waits for a standby. @param waiters who wait then */
async function waiting(
  here: Stand,
  act: () => Promise<unknown>,
  waiters = 1,
): Promise<{ done: Promise<unknown> }> {
  for (;;) {
    let isDone = false
    const done = act().finally(() => {
      isDone = true
    })
    while (!isDone) {
      const found = await here.sql(`SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'`)
      if (found.length === waiters) return { done }
    }
  }
}

export function logTests(stand: { get(): Promise<Stand> }): void {
  test('PG-20 reading does not move the slot; the position of the page before does', async () => {
    const here = await stand.get()
    const { adapter, again } = await openShop(here)
    const { position } = await told(adapter, undefined)
    const stands = async (at: string) => {
      const lsn = JSON.parse(at).mark.at
      const [found] = await here.sql(
        'SELECT confirmed_flush_lsn = $1::pg_lsn AS it FROM pg_replication_slots',
        [lsn],
      )
      return found?.it
    }
    await here.sql(insert(`'one'`))
    const first = await told(adapter, position)
    expect(ids(first.pages)).toEqual([['1']])
    expect(await stands(position)).toBe(true)
    // Another process, which knows what was kept: the position from before the page, and then the one behind it.
    expect(ids((await told(again(), position)).pages)).toEqual([['1']])
    expect(ids((await told(again(), first.position)).pages)).toEqual([[]])
    expect(await stands(first.position)).toBe(true)
  })

  test('PG-21 what is in the log and not to be seen yet is waited for, and not passed by', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here)
    const { position } = await told(adapter, undefined)
    const [probe, colleague] = [await here.colleague(), await here.colleague()]
    await here.sql('CREATE TABLE IF NOT EXISTS probe (at timestamptz)')
    // A standby that never comes: a commit is in the log, and nobody sees it.
    await here.sql(`ALTER SYSTEM SET synchronous_standby_names = 'nobody'`)
    await here.sql('SELECT pg_reload_conf()')
    // The server hears of it a moment later.
    const probed = await waiting(here, () => probe.query('INSERT INTO probe VALUES (now())'))
    const inserted = await waiting(here, () => colleague.query(insert(`'late to be seen'`)), 2)
    try {
      expect(await adapter.changes('orders', position, 10, call)).toMatchObject({ kind: 'later' })
    } finally {
      await here.sql('ALTER SYSTEM RESET synchronous_standby_names')
      await here.sql('SELECT pg_reload_conf()')
      await Promise.all([probed, inserted].map(({ done }) => done))
      await Promise.all([probe.end(), colleague.end()])
    }
    expect((await told(adapter, position)).pages.flat()).toMatchObject([
      { value: { title: 'late to be seen' } },
    ])
  })

  test('PG-22 transactions of all sizes come page by page, each row once, also by another adapter for each page', async () => {
    const here = await stand.get()
    const { adapter, again } = await openShop(here)
    let { position } = await told(adapter, undefined)
    await here.sql(insert(`'a' FROM generate_series(1, 2)`))
    await here.sql(insert(`'b' FROM generate_series(1, 7)`))
    await here.sql(insert(`'c'`))
    const expected = [
      ['1', '2'],
      ['3', '4', '5'],
      ['6', '7', '8'],
      ['9', '10'],
    ]
    const one = await told(adapter, position, { limit: 3 })
    expect(ids(one.pages)).toEqual(expected)
    await openShop(here)
    position = (await told(again(), undefined)).position
    await here.sql(
      `${insert(`'a' FROM generate_series(1, 2)`)}; COMMIT; ${insert(`'b' FROM generate_series(1, 7)`)}; COMMIT; ${insert(`'c'`)}`,
    )
    const pages: string[][] = []
    for (let isDone = false; !isDone; ) {
      const answer = await again().changes('orders', position, 3, call)
      if (answer.kind !== 'page') throw new Error(JSON.stringify(answer))
      pages.push(answer.rows.map(({ id }) => id))
      position = answer.next
      isDone = answer.complete
    }
    expect(pages).toEqual(expected)
  })

  test('PG-22 a row whose key changed is gone under the old one; a row made and deleted at once is gone', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here)
    await here.sql(`${insert(`'one'`)}; INSERT INTO lines VALUES (1, 1, 'a'), (1, 2, 'b')`)
    const { position } = await told(adapter, undefined, { type: 'lines' })
    await here.sql(`UPDATE lines SET number = 9 WHERE number = 1; DELETE FROM lines WHERE number = 2`)
    const { pages } = await told(adapter, position, { type: 'lines', limit: 1 })
    expect(pages.flat().map(({ id, deleted, value }) => ({ id, deleted, value }))).toEqual([
      { id: '["1","1"]', deleted: true, value: {} },
      { id: '["1","9"]', deleted: false, value: { order_id: 1, number: 9, text: 'a' } },
      { id: '["1","2"]', deleted: true, value: {} },
    ])
  })

  test('PG-23 a slot that is gone, made anew, or ahead is an expired position', async () => {
    const here = await stand.get()
    const { adapter, again } = await openShop(here)
    const { position } = await told(adapter, undefined)
    await here.sql(insert(`'one'`))
    const later = await told(adapter, (await told(adapter, position)).position)
    expect(await again().changes('orders', position, 10, call)).toEqual({ kind: 'expired' })
    await here.dropSlots()
    expect(await adapter.changes('orders', later.position, 10, call)).toEqual({ kind: 'expired' })
    await here.sql(insert(`'unheard'`))
    await told(again(), undefined)
    expect(await adapter.changes('orders', later.position, 10, call)).toEqual({ kind: 'expired' })
  })

  test('PG-23 a slot that the server gave up for its size is expired, and beginning anew mends it', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here)
    const { position } = await told(adapter, undefined)
    await here.sql(`ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'`)
    await here.sql('SELECT pg_reload_conf()')
    try {
      for (let i = 0; i < 3; i++) await here.sql(`${insert(`'x'`)}; SELECT pg_switch_wal(); CHECKPOINT`)
      expect(await here.sql('SELECT wal_status FROM pg_replication_slots')).toEqual([{ wal_status: 'lost' }])
      expect(await adapter.changes('orders', position, 10, call)).toEqual({ kind: 'expired' })
      const anew = await told(adapter, undefined)
      expect(anew.pages.flat()).toHaveLength(3)
      await here.sql(insert(`'heard again'`))
      expect((await told(adapter, anew.position)).pages.flat()).toHaveLength(1)
    } finally {
      await here.sql('ALTER SYSTEM RESET max_slot_wal_keep_size')
      await here.sql('SELECT pg_reload_conf()')
    }
  })

  test('PG-23 a position ahead of the log, or of another history, is expired', async () => {
    const { adapter } = await openShop(await stand.get())
    const { position } = await told(adapter, undefined)
    const { by, mark } = JSON.parse(position)
    for (const other of [{ at: 'FFFF/0' }, { timeline: '00000009' }, { at: 'nowhere' }])
      expect(
        await adapter.changes('orders', JSON.stringify({ by, mark: { ...mark, ...other } }), 10, call),
      ).toEqual({ kind: 'expired' })
  })

  test('PG-24 a table that was emptied at once is expired after what came before it', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here)
    const { position } = await told(adapter, undefined)
    await here.sql(insert(`'one'`))
    await here.sql('TRUNCATE orders CASCADE')
    const page = await adapter.changes('orders', position, 10, call)
    expect(page).toMatchObject({ kind: 'page', complete: false })
    expect(await adapter.changes('orders', 'next' in page ? page.next : '', 10, call)).toEqual({
      kind: 'expired',
    })
    await here.sql(insert(`'two'`))
    expect((await told(adapter, undefined)).pages.flat().map(({ value }) => value.title)).toEqual(['two'])
  })

  test('PG-25 a slot whose table nobody changes follows the log', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here)
    let { position } = await told(adapter, undefined)
    const start = JSON.parse(position).mark.at
    await here.sql(
      `CREATE TABLE IF NOT EXISTS noise (text text); INSERT INTO noise SELECT repeat(md5(i::text), 60) FROM generate_series(1, 10000) i`,
    )
    ;({ position } = await told(adapter, position))
    expect(JSON.parse(position).mark.at).not.toBe(start)
    expect(ids((await told(adapter, position)).pages)).toEqual([[]])
    await here.sql(insert(`'after the noise'`))
    expect((await told(adapter, position)).pages.flat()).toHaveLength(1)
  })

  test('what the log wants is said by check, and a beginning without it is refused', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here)
    expect(await adapter.check(call)).toEqual({ kind: 'ok' })
    await here.sql('ALTER PUBLICATION skerry DROP TABLE orders')
    const reason = 'orders: the publication skerry is without its table'
    expect(await adapter.check(call)).toEqual({ kind: 'rejected', reason })
    expect(await adapter.changes('orders', undefined, 10, call)).toMatchObject({ kind: 'rejected', reason })
  })
}
