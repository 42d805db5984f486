/** Values, refusals and faults of writing, on a real PostgreSQL. */
import { expect, test } from 'vitest'
import { call, create, openShop, request } from './shop.ts'
import { ROLE, type Stand } from './stand.ts'
import { commits } from './subject.ts'

const plain = { changes: { by: 'outbox' }, calls: {} } as const

export function writingTests(stand: { get(): Promise<Stand> }): void {
  test('SQ-10, SQ-11, PG-11 values come back as they were written, digit by digit', async () => {
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
      fee: '1234.50',
    }
    const row = await create(adapter, fields)
    expect(row.value).toMatchObject({ ...fields, at: '2026-01-31T10:00:00.123456Z' })
    const here = await stand.get()
    await here.sql(`UPDATE orders SET big = 7, tags = ARRAY['a', 'b'], photo = '\\x0001'`)
    expect(await adapter.read('orders', { id: row.id }, call)).toMatchObject({
      row: { value: { big: 7, tags: ['a', 'b'], photo: 'AAE=' } },
    })
  })

  test('SQ-12 what a column does not take is rejected by name, and nothing is sent', async () => {
    const { adapter } = await openShop(await stand.get(), plain)
    const tries = { total: 0.1, due: 'soon', tags: ['a'], photo: 'AAE=', secret: 'x', nowhere: 1 }
    for (const [name, value] of Object.entries(tries)) {
      const answer = await adapter.upsert('orders', request({ title: 'x', [name]: value }), call)
      expect(answer).toMatchObject({ kind: 'rejected', fields: [name] })
    }
    expect(await (await stand.get()).sql('SELECT id FROM orders')).toEqual([])
  })

  test('SQ-04 a refusal names the columns of its constraint, and quotes no row', async () => {
    const { adapter } = await openShop(await stand.get(), plain)
    await create(adapter, { email: 'a@example.org' })
    const refused = (fields: Parameters<typeof request>[0]) =>
      adapter.upsert('orders', request({ title: 'x', ...fields }), call)
    const debt = await refused({ total: '-1' })
    expect(debt).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('no_debt'),
      fields: ['total'],
    })
    expect(JSON.stringify(debt)).not.toContain('geheim')
    expect(await refused({ email: 'a@example.org' })).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('Key (email)=(a@example.org) already exists'),
      fields: ['email'],
    })
    expect(await refused({ title: null })).toMatchObject({ kind: 'rejected', fields: ['title'] })
    expect(await refused({ title: 'x'.repeat(41) })).toMatchObject({ reason: /too long .*varying\(40\)/ })
  })

  test('SQ-23 the answer shows what triggers did, also those that come after', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here, plain)
    await here.sql(`
      CREATE FUNCTION pay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE orders SET state = 'paid' WHERE id = NEW.id AND state = 'open'; RETURN NULL; END $$;
      CREATE TRIGGER pay AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION pay()`)
    const row = await create(adapter, {})
    await here.sql('DROP FUNCTION pay CASCADE')
    expect(row.value.state).toBe('paid')
    expect(await adapter.read('orders', { id: row.id }, call)).toEqual({ kind: 'row', row })
  })

  test('SQ-24 a deadlock ends the transaction of a batch: all of it is later, and nothing is written', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here, { ...plain, timeoutMs: 8_000 })
    const [one, two] = [await create(adapter, {}), await create(adapter, {})]
    await here.sql(`ALTER ROLE ${ROLE} SET deadlock_timeout = '10ms'`).catch(() => undefined)
    const colleague = await here.colleague()
    try {
      await colleague.query(
        `SET deadlock_timeout = '60s'; BEGIN; UPDATE orders SET title = 'theirs' WHERE id = ${two.id}`,
      )
      const change = (row: typeof one) => ({
        action: 'upsert' as const,
        ...request(
          { title: 'ours' },
          { id: row.id, externalId: row.externalId ?? '', expectedVersion: row.version },
        ),
      })
      const answers = adapter.writeMany('orders', [change(one), change(two)], call)
      while ((await here.sql(`SELECT 1 FROM pg_locks WHERE NOT granted`)).length === 0)
        await Promise.resolve()
      const theirs = colleague.query(`UPDATE orders SET title = 'theirs' WHERE id = ${one.id}`)
      const [first, second] = await answers
      // The second one met the deadlock, and was undone alone; the first stands.
      expect([first?.kind, second?.kind]).toEqual(['done', 'later'])
      await theirs
      await colleague.query('ROLLBACK')
      expect(await here.sql('SELECT title FROM orders ORDER BY id')).toEqual([
        { title: 'ours' },
        { title: 'an order' },
      ])
    } finally {
      await colleague.end()
    }
  })

  test('SQ-25 what is refused only at COMMIT falls on the write that is to blame', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here, plain)
    const order = await create(adapter, {})
    await here.sql(
      `INSERT INTO lines VALUES (${order.id}, 1, 'a'), (${order.id}, 2, 'b'), (${order.id}, 3, 'c')`,
    )
    const change = (number: number, text: string) => ({
      action: 'upsert' as const,
      ...request({ text }, { id: JSON.stringify([order.id, String(number)]), expectedVersion: undefined }),
    })
    const answers = await adapter.writeMany('lines', [change(1, 'new'), change(2, 'c')], call)
    expect(answers).toMatchObject([{ kind: 'done' }, { kind: 'rejected', fields: ['text'] }])
    expect(await here.sql('SELECT text FROM lines ORDER BY number')).toEqual([
      { text: 'new' },
      { text: 'b' },
      { text: 'c' },
    ])
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
    await here.sql(`UPDATE orders SET title = 'theirs'`)
    const answer = await again().upsert('orders', change, call)
    expect(answer).toMatchObject({ kind: 'done', row: { value: { title: 'ours' } } })
    expect(await adapter.upsert('orders', change, call)).toEqual(answer)
    expect(await here.sql('SELECT title FROM orders')).toEqual([{ title: 'theirs' }])
    // A write that is not carried out leaves no answer behind.
    expect(await adapter.upsert('orders', { ...change, idempotencyKey: 'other' }, call)).toMatchObject({
      kind: 'conflict',
    })
    expect(await here.sql(`SELECT FROM skerry_calls WHERE call_key = 'other'`)).toEqual([])
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

  test('SQ-35, PG-12 where policies may hide rows, a listing proves nothing', async () => {
    const here = await stand.get()
    const { adapter, again } = await openShop(here, plain)
    expect(await adapter.list('orders', undefined, 10, call)).toMatchObject({ proves: true })
    await here.sql(
      `ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON orders USING (title <> 'hidden')`,
    )
    await here.sql(`INSERT INTO orders (title) VALUES ('hidden'), ('shown')`)
    const listed = await again().list('orders', undefined, 10, call)
    expect(listed).toMatchObject({ kind: 'page', proves: false })
    expect('rows' in listed && listed.rows).toHaveLength(1)
  })

  test('SQ-40 describe tells kinds, keys and references', async () => {
    const { adapter } = await openShop(await stand.get(), plain)
    const answer = await adapter.describe(undefined, call)
    const types = answer.kind === 'types' ? answer.types : []
    expect(types.map(({ type }) => type)).toEqual(['orders', 'lines'])
    const field = (name: string, at = 0) => types[at]?.fields.find((one) => one.name === name)
    expect(field('total')).toMatchObject({
      kind: 'decimal',
      label: 'What is to be paid',
      required: false,
      writable: true,
    })
    expect(field('title')).toMatchObject({ kind: 'text', required: true, lengthMax: 40 })
    expect(field('state')).toMatchObject({ kind: 'enum', values: ['open', 'paid'], required: false })
    expect(field('doubled')).toMatchObject({ kind: 'integer', writable: false })
    expect(field('email')).toMatchObject({ unique: true })
    expect(field('secret')).toMatchObject({ writable: false })
    expect(field('order_id', 1)).toMatchObject({ kind: 'reference', references: ['orders'], required: true })
  })

  test('SQ-41 check tells all that is not as it must be', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here, plain)
    expect(await adapter.check(call)).toEqual({ kind: 'ok' })
    await here.sql(
      `ALTER TABLE orders DROP CONSTRAINT orders_skerry_id_key; REVOKE DELETE ON lines FROM ${ROLE}`,
    )
    const answer = await adapter.check(call)
    expect(answer).toMatchObject({
      kind: 'rejected',
      reason: /skerry_id is not unique.*; lines: we have no right to DELETE/,
    })
  })

  test('SQ-05 a column that is gone, and one that comes back, are met without a new start', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here, plain)
    const row = await create(adapter, {})
    await here.sql('ALTER TABLE orders DROP COLUMN weight')
    // The first one meets it, and from then on it is known.
    for (let i = 0; i < 2; i++)
      expect(await adapter.read('orders', { id: row.id }, call)).toMatchObject({
        kind: 'rejected',
        reason: /weight/,
      })
    await here.sql('ALTER TABLE orders ADD COLUMN weight double precision')
    expect(await adapter.read('orders', { id: row.id }, call)).toMatchObject({ kind: 'row' })
  })

  test('SQ-33 rows of a table with an outbox that is emptied at once are told one by one', async () => {
    const here = await stand.get()
    const { adapter } = await openShop(here, plain)
    const row = await create(adapter, {})
    const first = await adapter.changes('orders', undefined, 10, call)
    await here.sql('TRUNCATE orders CASCADE')
    const answer = await adapter.changes('orders', 'next' in first ? first.next : '', 10, call)
    expect(answer).toMatchObject({ rows: [{ id: row.id, externalId: row.externalId, deleted: true }] })
  })
}
