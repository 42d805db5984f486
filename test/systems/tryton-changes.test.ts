/** What changed in Tryton, as the adapter tells it: late commits, lines, deletes, domains, and whom the server lets in. */
import type { Adapter, ExternalRow } from '@skerry/bridge'
import { FaultProxy, lackOf, people } from '@skerry/systems'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { holdLock, someoneWaits } from './held-lock.ts'
import { methodOf } from './tryton-calls.ts'
import { DATABASE, lazyStand, type TrytonStand } from './tryton-stand.ts'
import { adapterOn } from './tryton-subject.ts'

const lazy = lazyStand()
const call = { signal: new AbortController().signal }
let stand: TrytonStand

const opportunities = {
  'sale.opportunity': {
    key: 'reference',
    fields: ['description', 'party.name'],
    lines: { lines: { key: 'product.code', fields: ['quantity'], onCreate: { unit: 1 } } },
  },
} satisfies Parameters<typeof adapterOn>[1]

/** From a position to the end. */
async function told(adapter: Adapter, type: string, position: string | undefined, limit = 50) {
  const rows: ExternalRow[] = []
  for (let at = position; ; ) {
    const page = await adapter.changes(type, at, limit, call)
    expect(page, JSON.stringify(page)).toMatchObject({ kind: 'page' })
    if (page.kind !== 'page') throw new Error(page.kind)
    rows.push(...page.rows)
    at = page.next
    if (page.complete) return { rows, position: at }
  }
}

const idsOf = (rows: readonly ExternalRow[]) => new Set(rows.map(({ id }) => id))

describe.skipIf(lackOf('tryton') !== undefined)('reading from Tryton', () => {
  beforeAll(async () => {
    stand = await lazy.get()
  })
  afterAll(() => lazy.close())

  const create = async (values: object) => (await stand.office.create('sale.opportunity', values))[0]!

  describe('CDC-2, TR-30, TR-31: polling', () => {
    test('finds what a slow transaction commits late, under a stamp that is older than what was told', async () => {
      const adapter = adapterOn(stand.proxy.url, opportunities)
      const first = await told(adapter, 'sale.opportunity', undefined)
      const [party] = await stand.office.create('party.party', { name: 'Slow' })
      const release = await holdLock(
        stand.postgres,
        DATABASE,
        `SELECT id FROM party_party WHERE id = ${party} FOR UPDATE`,
      )
      const slow = create({ description: 'begun early', party })
      await someoneWaits(stand.postgres)
      const quick = await create({ description: 'committed early' })
      const then = await told(adapter, 'sale.opportunity', first.position)
      expect(idsOf(then.rows)).toEqual(new Set([String(quick)]))
      await release()
      const id = String(await slow)
      const late = await told(adapter, 'sale.opportunity', then.position)
      const stamps = new Map([...then.rows, ...late.rows].map((row) => [row.id, row.modifiedAt ?? 0]))
      expect(stamps.get(id)).toBeLessThan(stamps.get(String(quick))!)
    })

    test('without an overlap it would not', async () => {
      const adapter = adapterOn(stand.proxy.url, opportunities, { overlapMs: 0 })
      const first = await told(adapter, 'sale.opportunity', undefined)
      const [party] = await stand.office.create('party.party', { name: 'Slow too' })
      const release = await holdLock(
        stand.postgres,
        DATABASE,
        `SELECT id FROM party_party WHERE id = ${party} FOR UPDATE`,
      )
      const slow = create({ description: 'begun early', party })
      await someoneWaits(stand.postgres)
      // A clock of whole seconds lets the pass begin before this second: the quick one is stamped after it.
      await secondOver()
      await create({ description: 'committed early' })
      await secondOver()
      const then = await told(adapter, 'sale.opportunity', first.position)
      await release()
      const id = String(await slow)
      expect(idsOf((await told(adapter, 'sale.opportunity', then.position)).rows)).not.toContain(id)
    })

    test('finds a row whose line somebody changed, added, or brought in past the row', async () => {
      const adapter = adapterOn(stand.proxy.url, opportunities, { overlapMs: 0 })
      const [cone] = await stand.office.search<{ id: number }>(
        'product.product',
        [['code', '=', 'cone']],
        ['code'],
      )
      const line = { product: cone!.id, unit: 1, quantity: 1 }
      const id = await create({ description: 'with a line', lines: [['create', [line]]] })
      const first = await told(adapter, 'sale.opportunity', undefined)
      const [there] = await stand.office.search<{ id: number }>(
        'sale.opportunity.line',
        [['opportunity', '=', id]],
        ['quantity'],
      )
      await stand.office.write('sale.opportunity.line', there!.id, { quantity: 7 })
      const changed = await told(adapter, 'sale.opportunity', first.position)
      expect(lastOf(changed.rows, id)?.value.lines).toEqual([{ 'product.code': 'cone', quantity: 7 }])
      expect(lastOf(changed.rows, id)?.version).not.toBe(lastOf(first.rows, id)?.version)
      const [bolt] = await stand.office.search<{ id: number }>(
        'product.product',
        [['code', '=', 'bolt']],
        ['code'],
      )
      await stand.office.create('sale.opportunity.line', {
        opportunity: id,
        product: bolt!.id,
        unit: 1,
        quantity: 2,
      })
      const added = await told(adapter, 'sale.opportunity', changed.position)
      expect(lastOf(added.rows, id)?.value.lines).toHaveLength(2)
    })

    test('at rest costs a request for each stage, and tells no more than the newest row of each', async () => {
      const adapter = adapterOn(stand.proxy.url, opportunities, { overlapMs: 0 })
      await told(adapter, 'sale.opportunity', undefined)
      // The server tells its clock in whole seconds; within one, rows of it are told again.
      await secondOver()
      const { position } = await told(adapter, 'sale.opportunity', undefined)
      const before = stand.proxy.passed.length
      const { rows } = await told(adapter, 'sale.opportunity', position)
      const methods = stand.proxy.passed.slice(before).map(({ request }) => methodOf(request))
      expect(rows.length).toBeLessThanOrEqual(4)
      expect(methods.filter((method) => method === 'model.sale.opportunity.line.search_read')).toHaveLength(2)
      // Written, created, and the rows of the newest lines.
      expect(methods.length).toBeLessThanOrEqual(6)
    })
  })

  test('TR-32: a position of other lines is expired', async () => {
    const { position } = await told(adapterOn(stand.proxy.url, opportunities), 'sale.opportunity', undefined)
    const plain = { 'sale.opportunity': { key: 'reference', fields: ['description'] } }
    const answer = await adapterOn(stand.proxy.url, plain).changes('sale.opportunity', position, 50, call)
    expect(answer).toEqual({ kind: 'expired' })
  })

  describe('CDC-8, TR-33, TR-34: deletes and domains', () => {
    test('a deleted row is in no page of a listing that proves, and told by no poll', async () => {
      const adapter = adapterOn(stand.proxy.url, opportunities)
      const [kept, gone] = [await create({ description: 'kept' }), await create({ description: 'gone' })]
      const { position } = await told(adapter, 'sale.opportunity', undefined)
      await stand.office.delete('sale.opportunity', gone)
      expect(idsOf((await told(adapter, 'sale.opportunity', position)).rows)).not.toContain(String(gone))
      const page = await adapter.list!('sale.opportunity', undefined, 500, call)
      expect(page).toMatchObject({ kind: 'page', proves: true, complete: true })
      const listed = page.kind === 'page' ? page.rows.map(({ id }) => id) : []
      expect(listed).toContain(String(kept))
      expect(listed).not.toContain(String(gone))
      expect(await adapter.read('sale.opportunity', { id: String(gone) }, call)).toEqual({ kind: 'absent' })
    })

    test('a domain narrows what is listed, proves nothing, and hides no row that is asked for by id', async () => {
      const domain = [['description', 'like', 'ours%']]
      const adapter = adapterOn(stand.proxy.url, {
        'sale.opportunity': { ...opportunities['sale.opportunity'], domain },
      })
      const [inside, outside] = [
        await create({ description: 'ours' }),
        await create({ description: 'theirs' }),
      ]
      const { rows } = await told(adapter, 'sale.opportunity', undefined)
      expect([...idsOf(rows)]).toEqual([String(inside)])
      const page = await adapter.list!('sale.opportunity', undefined, 500, call)
      expect(page).toMatchObject({ kind: 'page', proves: false, rows: [{ id: String(inside) }] })
      expect(await adapter.read('sale.opportunity', { id: String(outside) }, call)).toMatchObject({
        kind: 'row',
      })
    })
  })

  describe('TR-23: deactivated rows', () => {
    const party = { key: 'code', unique: true, fields: ['name', 'active'] }
    const deactivated = async (name: string) => {
      const [id] = await stand.office.create('party.party', { name })
      await stand.office.write('party.party', id!, { active: false })
      return id!
    }

    test('are rows like any other', async () => {
      const adapter = adapterOn(stand.proxy.url, { 'party.party': party })
      const id = await deactivated('Archived')
      const { rows } = await told(adapter, 'party.party', undefined)
      expect(lastOf(rows, id)).toMatchObject({ deleted: false, value: { name: 'Archived', active: false } })
      const page = await adapter.list!('party.party', undefined, 500, call)
      expect(page.kind === 'page' && page.rows.find((row) => row.id === String(id))).toMatchObject({
        deleted: false,
      })
    })

    test('are tombstones where the model deactivates, and live again by restore', async () => {
      const adapter = adapterOn(stand.proxy.url, { 'party.party': { ...party, deactivates: true } })
      const request = {
        externalId: 'skerry:to-archive',
        fields: { name: 'To archive' },
        expectedVersion: null,
        idempotencyKey: 'a',
        restore: false,
      }
      const made = await adapter.upsert('party.party', request, call)
      const row = made.kind === 'done' ? made.row : undefined
      const { position } = await told(adapter, 'party.party', undefined)
      const removal = {
        id: row!.id,
        externalId: 'skerry:to-archive',
        expectedVersion: row!.version,
        idempotencyKey: 'b',
      }
      expect(await adapter.delete('party.party', removal, call)).toMatchObject({
        kind: 'done',
        row: { deleted: true },
      })
      const [there] = await stand.office.search<{ active: boolean }>(
        'party.party',
        [
          ['id', '=', Number(row!.id)],
          ['active', 'in', [true, false]],
        ],
        ['active'],
      )
      expect(there?.active).toBe(false)
      const tombstone = lastOf((await told(adapter, 'party.party', position)).rows, Number(row!.id))
      expect(tombstone?.deleted).toBe(true)
      expect(await adapter.delete('party.party', removal, call)).toMatchObject({
        kind: 'conflict',
        row: { deleted: true },
      })
      const back = { ...request, id: row!.id, expectedVersion: tombstone!.version, restore: true }
      expect(await adapter.upsert('party.party', back, call)).toMatchObject({
        kind: 'done',
        row: { id: row!.id, deleted: false },
      })
    })

    test('of a model that has no such thing are an error of the configuration', async () => {
      const adapter = adapterOn(stand.proxy.url, {
        'sale.sale': { fields: ['description'], deactivates: true },
      })
      expect(await adapter.changes('sale.sale', undefined, 5, call)).toMatchObject({
        kind: 'rejected',
        reason: expect.stringContaining("no field 'active'"),
      })
    })
  })

  test('TR-22: a row says when and by whom', async () => {
    const adapter = adapterOn(stand.proxy.url, opportunities)
    const before = Date.now()
    const id = await create({ description: 'by the office' })
    const answer = await adapter.read('sale.opportunity', { id: String(id) }, call)
    const row = answer.kind === 'row' ? answer.row : undefined
    expect(row?.modifiedBy).toBe(people.office.login)
    expect(row?.modifiedAt).toBeGreaterThanOrEqual(before - 1_000)
    expect(row?.modifiedAt).toBeLessThanOrEqual(Date.now() + 1_000)
  })

  describe('TR-02, TR-03: whom the server lets in', () => {
    test('one login serves many calls at once, and what was refused is not tried again', async () => {
      const adapter = adapterOn(stand.proxy.url, opportunities)
      const from = stand.proxy.passed.length
      await Promise.all(Array.from({ length: 5 }, () => adapter.read('sale.opportunity', { id: '1' }, call)))
      expect(loginsSince(from)).toBe(1)

      const wrong = adapterOn(stand.proxy.url, opportunities, { password: 'Wr0ng-tryton-pw' })
      const before = stand.proxy.passed.length
      for (let i = 0; i < 8; i++)
        expect(await wrong.read('sale.opportunity', { id: '1' }, call)).toMatchObject({
          kind: 'unauthorized',
          reason: expect.stringContaining(`no login as ${people.skerry.login}`),
        })
      expect(loginsSince(before)).toBe(1)
      expect(await wrong.check(call)).toMatchObject({ kind: 'unauthorized' })
      expect(loginsSince(before)).toBe(2)
      expect(await adapterOn(stand.proxy.url, opportunities).check(call)).toEqual({ kind: 'ok' })
    })

    test('a user who is locked out has to wait, also with the right password', async () => {
      for (let i = 0; i < 7; i++)
        await adapterOn(stand.proxy.url, opportunities, { password: 'Wr0ng-tryton-pw' }).check(call)
      const answer = await adapterOn(stand.proxy.url, opportunities).check(call)
      expect(answer).toMatchObject({ kind: 'later', retryAfterMs: expect.any(Number) })
      expect(answer.kind === 'later' && answer.retryAfterMs).toBeGreaterThanOrEqual(300_000)
      await stand.sql('DELETE FROM res_user_login_attempt')
    })

    test('a database that is not there is refused by name, and so is a server that is not', async () => {
      const lost = adapterOn(stand.proxy.url, opportunities, { database: 'nowhere' })
      expect(await lost.check(call)).toMatchObject({
        kind: 'rejected',
        reason: expect.stringContaining('404'),
      })
      const proxy = await FaultProxy.start(stand.server.url)
      await proxy.close()
      const gone = adapterOn(proxy.url, opportunities)
      expect(await gone.check(call)).toMatchObject({
        kind: 'later',
        reason: expect.stringContaining('ECONNREFUSED'),
      })
    })

    test('no message has the password in it', async () => {
      const password = 'S3cret-in-no-message'
      const adapter = adapterOn(stand.proxy.url, opportunities, { password })
      expect(JSON.stringify(await adapter.check(call))).not.toContain(password)
      await stand.sql('DELETE FROM res_user_login_attempt')
    })
  })

  function loginsSince(number: number): number {
    return stand.proxy.passed.slice(number).filter(({ request }) => methodOf(request) === 'common.db.login')
      .length
  }
})

function lastOf(rows: readonly ExternalRow[], id: number): ExternalRow | undefined {
  return rows.findLast((row) => row.id === String(id))
}

/** Resolves in the next second of the clock. */
async function secondOver(): Promise<void> {
  const second = Math.floor(Date.now() / 1_000)
  while (Math.floor(Date.now() / 1_000) === second) await stand.sql('SELECT pg_sleep(0.05)')
}
