/** Values, refusals and faults of writing, on a real MariaDB. */
import { expect, test } from 'vitest'
import { call, create, openShop, request } from './shop.ts'
import type { Stand } from './stand.ts'
import { commits } from './subject.ts'

const plain = { changes: { by: 'outbox' }, calls: {} } as const

export function writingTests(stand: { get(): Promise<Stand> }): void {
  test('SQ-10, SQ-11, MY-11 values come back as they were written, digit by digit', async () => {
    const { adapter } = await openShop(await stand.get(), plain)
    const fields = {
      total: '123456789012345678.90',
      big: '9007199254740993',
      weight: 0.1,
      paid: false,
      due: '2026-01-31',
      at: '2026-01-31T12:00:00.123456+02:00',
      local: '2026-01-31T10:00:00Z',
      data: { a: [1, null] },
      state: 'paid',
    }
    const row = await create(adapter, { ...fields, title: 'it\'s a \\ "title" ☂' })
    expect(row.value).toMatchObject({
      ...fields,
      at: '2026-01-31T10:00:00.123456Z',
      title: 'it\'s a \\ "title" ☂',
    })
    const here = await stand.get()
    await here.run([`UPDATE orders SET big = 7, photo = x'0001'`])
    expect(await adapter.read('orders', { id: row.id }, call)).toMatchObject({
      row: { value: { big: 7, photo: 'AAE=' } },
    })
  })

  test('SQ-04, MY-02 a refusal names its columns', async () => {
    const { adapter } = await openShop(await stand.get(), plain)
    await create(adapter, { email: 'a@example.org' })
    const refused = (fields: Parameters<typeof request>[0]) =>
      adapter.upsert('orders', request({ title: 'x', ...fields }), call)
    const debt = { kind: 'rejected', reason: expect.stringContaining('no_debt'), fields: ['total'] }
    expect(await refused({ total: '-1' })).toMatchObject(debt)
    expect(await refused({ email: 'a@example.org' })).toMatchObject({ kind: 'rejected', fields: ['email'] })
    expect(await refused({ title: null })).toMatchObject({ kind: 'rejected', fields: ['title'] })
    expect(await refused({ title: 'x'.repeat(41) })).toMatchObject({ reason: /too long/, fields: ['title'] })
  })

  test('MY-01, SQ-24 a deadlock undoes the whole transaction: all of the batch is later, and nothing is written', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here, plain)
    const [one, two] = [await create(adapter, {}), await create(adapter, {})]
    const colleague = await here.colleague()
    try {
      // Whoever has written less is undone.
      await colleague.query('BEGIN')
      await colleague.query(
        `INSERT INTO orders (title) VALUES ('a'), ('b'), ('c'), ('d'), ('e'), ('f'), ('g'), ('h'), ('i'), ('j')`,
      )
      await colleague.query(`UPDATE orders SET title = 'theirs' WHERE id = ${two.id}`)
      const change = (row: typeof one) => ({
        action: 'upsert' as const,
        ...request(
          { title: 'ours' },
          { id: row.id, externalId: row.externalId ?? '', expectedVersion: row.version },
        ),
      })
      const answers = adapter.writeMany('orders', [change(one), change(two)], call)
      await here.someoneWaits()
      await colleague.query(`UPDATE orders SET title = 'theirs' WHERE id = ${one.id}`)
      expect((await answers).map(({ kind }) => kind)).toEqual(['later', 'later'])
      await colleague.query('ROLLBACK')
      expect(await here.sql('SELECT title FROM orders')).toEqual([
        { title: 'an order' },
        { title: 'an order' },
      ])
      // Nor is any answer kept.
      expect(
        (await adapter.writeMany('orders', [change(one), change(two)], call)).map(({ kind }) => kind),
      ).toEqual(['done', 'done'])
    } finally {
      colleague.destroy()
    }
  })

  test('SQ-27 a repeat has the first answer, even after somebody else changed the row, and after a lost answer', async () => {
    const here = await stand.get()
    const { adapter, again } = await openShop(here, plain)
    const row = await create(adapter, {})
    const change = request(
      { title: 'ours' },
      { id: row.id, externalId: row.externalId ?? '', expectedVersion: row.version },
    )
    void here.proxy.strike(commits, { act: 'lose' })
    expect(await adapter.upsert('orders', change, call)).toMatchObject({ kind: 'unknown' })
    await here.run([`UPDATE orders SET title = 'theirs'`])
    const answer = await again().upsert('orders', change, call)
    expect(answer).toMatchObject({ kind: 'done', row: { value: { title: 'ours' } } })
    expect(await adapter.upsert('orders', change, call)).toEqual(answer)
    expect(await here.sql('SELECT title FROM orders')).toEqual([{ title: 'theirs' }])
  })

  test('SQ-20 of writers under one version exactly one gets through', async () => {
    const { adapter, again } = await openShop(await stand.get(), plain)
    const row = await create(adapter, {})
    const writers = [adapter, again(), again(), again()]
    const answers = await Promise.all(
      writers.map((one, i) =>
        one.upsert(
          'orders',
          request({ title: `writer ${i}` }, { id: row.id, externalId: '', expectedVersion: row.version }),
          call,
        ),
      ),
    )
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['conflict', 'conflict', 'conflict', 'done'])
  })

  test('SQ-40 describe tells kinds, keys and references', async () => {
    const { adapter } = await openShop(await stand.get(), plain)
    const answer = await adapter.describe(undefined, call)
    const types = answer.kind === 'types' ? answer.types : []
    const field = (name: string, at = 0) => types[at]?.fields.find((one) => one.name === name)
    expect(field('total')).toMatchObject({
      kind: 'decimal',
      label: 'What is to be paid',
      required: false,
      writable: true,
    })
    expect(field('title')).toMatchObject({ kind: 'text', required: true, lengthMax: 40 })
    expect(field('state')).toMatchObject({ kind: 'enum', values: ['open', 'paid'], required: false })
    expect(field('paid')).toMatchObject({ kind: 'boolean' })
    expect(field('data')).toMatchObject({ kind: 'json' })
    expect(field('doubled')).toMatchObject({ kind: 'integer', writable: false })
    expect(field('email')).toMatchObject({ unique: true })
    expect(field('order_id', 1)).toMatchObject({ kind: 'reference', references: ['orders'], required: true })
  })

  test('SQ-41, MY-12 check tells all that is not as it must be', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here, plain)
    expect(await adapter.check(call)).toEqual({ kind: 'ok' })
    await here.run([
      'ALTER TABLE orders DROP INDEX skerry_id, MODIFY skerry_id varchar(190) COLLATE utf8mb4_general_ci',
    ])
    await here.run(['ALTER TABLE `lines` DROP FOREIGN KEY in_order', 'ALTER TABLE `lines` ENGINE = MyISAM'])
    expect(await adapter.check(call)).toMatchObject({
      kind: 'rejected',
      reason:
        /skerry_id is not unique.*; orders: skerry_id is compared without upper and lower case.*; lines: its engine MyISAM/,
    })
  })
}
