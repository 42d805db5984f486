/** Changes by the log of a real MariaDB: what it tells, how it is cut into pages, and when a position is of no use any more. */
import { expect, onTestFinished, test } from 'vitest'
import { call, openShop, told } from './shop.ts'
import type { Stand } from './stand.ts'

const insert = (...titles: string[]) =>
  `INSERT INTO orders (title) VALUES ${titles.map((title) => `('${title}')`)}`
const ids = (pages: { id: string }[][]) => pages.map((rows) => rows.map(({ id }) => id))

export function logTests(stand: { get(): Promise<Stand> }): void {
  test('MY-20, SQ-36 transactions of all sizes come page by page, each row once, also over files and by another adapter for each page', async () => {
    const here = await stand.get()
    const { adapter, again } = await openShop(here)
    let { position } = await told(adapter, undefined)
    await here.run([
      insert('a', 'b'),
      insert('c', 'd', 'e', 'f', 'g', 'h', 'i'),
      'FLUSH BINARY LOGS',
      insert('j'),
    ])
    const expected = [
      ['1', '2'],
      ['3', '4', '5'],
      ['6', '7', '8'],
      ['9', '10'],
    ]
    expect(ids((await told(adapter, position, { limit: 3 })).pages)).toEqual(expected)
    const pages: string[][] = []
    for (let isDone = false; !isDone; ) {
      const answer = await again().changes('orders', position, 3, call)
      if (answer.kind !== 'page') throw new Error(JSON.stringify(answer))
      pages.push(answer.rows.map(({ id }) => id))
      position = answer.next
      isDone = answer.complete
    }
    expect(pages).toEqual(expected)
    expect(ids((await told(again(), position)).pages)).toEqual([[]])
  })

  test('SQ-31 a row whose key changed is gone under the old one; a row made and deleted at once is gone', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here)
    await here.run([insert('one'), "INSERT INTO `lines` VALUES (1, 1, 'a'), (1, 2, 'b')"])
    const { position } = await told(adapter, undefined, { type: 'lines' })
    await here.run(['UPDATE `lines` SET number = 9 WHERE number = 1', 'DELETE FROM `lines` WHERE number = 2'])
    const { pages } = await told(adapter, position, { type: 'lines', limit: 1 })
    expect(pages.flat().map(({ id, deleted, value }) => ({ id, deleted, value }))).toEqual([
      { id: '["1","1"]', deleted: true, value: {} },
      { id: '["1","9"]', deleted: false, value: { order_id: 1, number: 9, text: 'a' } },
      { id: '["1","2"]', deleted: true, value: {} },
    ])
  })

  test('MY-21 a row that somebody is about to change is read when that is done, and not as it was', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here)
    await here.run([insert('one')])
    const { position } = await told(adapter, undefined)
    await here.run([`UPDATE orders SET title = 'two'`])
    const colleague = await here.colleague()
    onTestFinished(() => colleague.destroy())
    await colleague.query(`BEGIN`)
    await colleague.query(`UPDATE orders SET title = 'three'`)
    const page = adapter.changes('orders', position, 10, call)
    await here.someoneWaits()
    await colleague.query('COMMIT')
    expect(await page).toMatchObject({ rows: [{ value: { title: 'three' } }] })
  })

  test('MY-23 a log that was purged, is shorter, or is another one of that name is expired', async () => {
    const here = await stand.get()
    const { adapter, again } = await openShop(here)
    const { position } = await told(adapter, undefined)
    await here.run([insert('one')])
    const later = await told(adapter, position)
    await here.run([insert('two')])
    const { by, mark } = JSON.parse(later.position)
    for (const other of [{ madeAt: 1 }, { at: mark.at.replace(/\d+$/, '999999999') }, { at: 'nowhere' }])
      expect(
        await again().changes('orders', JSON.stringify({ by, mark: { ...mark, ...other } }), 10, call),
      ).toEqual({ kind: 'expired' })
    expect(ids((await told(again(), later.position)).pages)).toEqual([['2']])
    await here.purgeLogs()
    expect(await adapter.changes('orders', later.position, 10, call)).toEqual({ kind: 'expired' })
    const anew = await told(adapter, undefined)
    await here.run([insert('three')])
    expect(ids((await told(adapter, anew.position)).pages)).toEqual([['3']])
  })

  test('MY-24 a table that was changed as a table, or emptied, is expired', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here)
    for (const change of [
      'ALTER TABLE orders ADD COLUMN more integer FIRST',
      'DELETE FROM `lines`',
      'TRUNCATE `lines`',
    ]) {
      const type = change.includes('lines') ? 'lines' : 'orders'
      const { position } = await told(adapter, undefined, { type })
      await here.run([insert('one'), change, insert('two')])
      const answer = await adapter.changes(type, position, 10, call)
      expect(answer.kind, change).toBe(change.startsWith('DELETE') ? 'page' : 'expired')
    }
  })

  test('MY-25 without a log of rows nothing is begun, and check says so', async () => {
    const here = await stand.get()
    const { adapter, again } = await openShop(here)
    expect(await adapter.check(call)).toEqual({ kind: 'ok' })
    await here.run(["SET GLOBAL binlog_format = 'STATEMENT'"])
    try {
      const reason = "the server's binlog_format is STATEMENT, and not ROW"
      expect(await again().check(call)).toEqual({ kind: 'rejected', reason })
      expect(await again().changes('orders', undefined, 10, call)).toMatchObject({ kind: 'rejected', reason })
    } finally {
      await here.run(["SET GLOBAL binlog_format = 'ROW'"])
    }
  })
}
