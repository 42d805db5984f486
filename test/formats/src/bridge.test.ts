/** What a bridge keeps in its node's store: written by a bridge to a system in memory, read by a stranger to the last byte. */
import { createHash } from 'node:crypto'
import { type BridgeOptions, type MappingConfig, MemorySystem, startBridge } from '@skerry/bridge'
import { memoryStore } from '@skerry/core'
import { nodeHost } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  bridgeTables,
  hashOf,
  markOf,
  type ReadItem,
  type ReadValues,
  readAuditEntry,
  readOutboxItem,
  readShadow,
  subjectOf,
} from './bridge-tables.ts'
import { readFrontier } from './entry.ts'
import { unnoticed } from './every-byte.ts'
import { type Open, type Row, World } from './world.ts'

const mapping: MappingConfig = {
  collection: 'visits',
  type: 'cases',
  fields: { title: { field: 'Title', rule: 'review' }, site: 'Site' },
}

let world: World
let story: Awaited<ReturnType<typeof tell>>
beforeAll(async () => {
  world = await World.create()
  story = await tell()
  return () => world.close()
}, 240_000)

async function tell() {
  const replica = await world.hub({ store: memoryStore() })
  const refuses = (_: string, { Title }: Record<string, unknown>) =>
    Title === 'bad' ? 'no such title' : undefined
  const system = new MemorySystem({ refuses })
  const options: BridgeOptions = {
    ...{ replica, adapter: system.adapter(), mappings: [mapping], host: nodeHost() },
    ...{ pollIntervalMs: 0, reconcileIntervalMs: 0 },
  }
  const bridge = await startBridge(options)
  await replica.visits.create({ title: 'good', site: 'SEA' }, { id: 'good' })
  await replica.visits.create({ title: 'bad', site: 'SEA' }, { id: 'bad' })
  await bridge.idle()
  await bridge.pollNow()
  system.edit('cases', {}, { Title: 'theirs', Site: 'SEA' })
  system.edit('cases', {}, { Title: 5 })
  await bridge.pollNow()
  await bridge.reconcile()
  const [row] = system.rows('cases').filter(({ value }) => value.Title === 'good')
  await bridge.close()
  const [rowBefore] = await replica.rows.rows(['visits/good'])
  await replica.visits.update('good', (visit) => {
    visit.title = 'ours'
  })
  const edited = system.edit('cases', { id: row!.id }, { Title: 'theirs too' })
  const again = await startBridge({ ...options, adapter: system.adapter() })
  await again.pollNow()
  await again.idle()
  await again.close()
  await govern(options, system)
  return { row: row!, edited, frontier: readFrontier(rowBefore!.frontier) }
}

/** Values beside the audit log, its old end cut off, a field that is gone there, and one that is never bridged from then on. */
async function govern({ replica, ...options }: BridgeOptions, system: MemorySystem): Promise<void> {
  const fields = [{ name: 'Title', kind: 'text', required: false, writable: true }] as const
  const describe = async () => ({ kind: 'types' as const, types: [{ type: 'cases', fields }] })
  const adapter = system.adapter()
  const keeping = await startBridge({ ...options, replica, adapter, audit: { values: 'kept' } })
  await (replica as Open).visits.create({ title: 'kept', site: 'SEA' }, { id: 'kept' })
  system.edit('cases', {}, { Title: 7 })
  await keeping.pollNow()
  await keeping.idle()
  await keeping.audit.cut({ before: Date.now() - 1, by: 'eve' })
  await keeping.close()
  const never = { ...mapping, never: { row: ['Secret'] } }
  const governed = await startBridge({
    ...options,
    replica,
    mappings: [never],
    adapter: { ...adapter, describe },
  })
  await governed.checkSchema()
  await governed.close()
}

const prefix = 'x:bridge/memory/'
const rowsOf = (table: string): Row[] => world.rows.filter((row) => row.table === `${prefix}${table}`)

describe('tables of a bridge', () => {
  test('every row is in a table of the page, under a key of its form, and no byte of it is without meaning', () => {
    const rows = world.rows.filter(({ table }) => table.startsWith('x:bridge/'))
    const seen = new Map<string, Row>()
    for (const row of rows) {
      const table = row.table.slice(prefix.length)
      expect([row.key, bridgeTables[table]?.key.test(row.key)]).toEqual([row.key, true])
      if (row.value.length >= (seen.get(table)?.value.length ?? 0)) seen.set(table, row)
    }
    expect(Object.keys(bridgeTables).filter((table) => !seen.has(table))).toEqual([])
    for (const [table, { key, value }] of seen)
      expect([table, key, unnoticed(value, (bytes) => bridgeTables[table]!.value(bytes))]).toEqual([
        table,
        key,
        [],
      ])
  })

  test('Shadow: the state at which both were last equal', () => {
    const shadows = rowsOf('shadow').flatMap(({ key, value }) =>
      key === 'visits/good' ? readShadow(value) : [],
    )
    const shadow = shadows.find(({ version }) => version === story.row.version)!
    expect(shadow).toMatchObject({
      ...{ isDeleted: false, type: 'cases', rowId: story.row.id, version: story.row.version, incarnation: 0 },
      value: { Title: 'good', Site: 'SEA' },
      view: { title: 'good', site: 'SEA' },
      heads: story.frontier.heads,
      owed: [],
    })
    expect(shadow.externalId).toBe(story.row.externalId)
  })

  test('Outbox: waiting, begun and dead; B-06: the key of a call is of what it was made from', () => {
    const items = rowsOf('outbox').map(({ key, value }) => ({ key, ...readOutboxItem(value) }))
    expect(new Set(items.map(({ item }) => item.state))).toEqual(new Set(['waiting', 'begun', 'dead']))
    const begun = items.find(({ key, item }) => key === 'visits/good' && item.state === 'begun')!
    expect(begun.document.length).toBeGreaterThan(0)
    expect(begun.item).toMatchObject({ wish: { action: 'upsert', fields: { Title: 'good', Site: 'SEA' } } })
    const dead = items.find(({ item }) => item.state === 'dead')! as { key: string; item: ReadItem }
    expect([dead.key, dead.item.reason]).toEqual(['visits/bad', 'no such title'])
  })

  test('B-150: each entry of the audit log holds the SHA-256 of the one before; B-154: no value stands in it', () => {
    const stored = new Map(rowsOf('audit').map(({ value }) => [readAuditEntry(value).n, value]))
    const entries = [...stored.values()].map(readAuditEntry)
    expect(new Set(entries.map(({ kind }) => kind))).toEqual(
      new Set(['started', 'noticed', 'begun', 'answered', 'echo', 'told', 'taken', 'aside', 'cut']),
    )
    for (const { n, prev } of entries) {
      const before = stored.get(n - 1)
      expect([n, prev]).toEqual([
        n,
        before ? createHash('sha256').update(before).digest('hex') : '0'.repeat(64),
      ])
    }
    for (const value of ['good', 'theirs too', 'no such title'])
      expect(JSON.stringify(entries)).not.toContain(`"${value}"`)
  })

  test('B-151 B-154: kept values are those that their entry was written of, by the salt that it names', () => {
    const last = (table: string) => new Map(rowsOf(table).map(({ key, value }) => [key, value]))
    const [entries, salts] = [last('audit'), last('audit-salts')]
    const kept = [...last('audit-values')]
    expect(kept.length).toBeGreaterThan(2)
    for (const [key, bytes] of kept) {
      const entry = readAuditEntry(entries.get(key.slice(-15))!)
      const subject = subjectOf(entry)
      expect(key).toBe(`${subject}\n${key.slice(-15)}`)
      const salt = salts.get(subject)!
      expect(entry.salt).toBe(markOf(salt))
      const { values = {}, reason } = bridgeTables['audit-values']!.value(bytes) as ReadValues
      for (const [name, sides] of Object.entries(values))
        for (const [side, value] of Object.entries(sides))
          expect([name, side, entry.values?.[name]?.[side]]).toEqual([name, side, hashOf(salt, name, value)])
      if (reason !== undefined) expect(entry.reason).toBe(hashOf(salt, '(reason)', reason))
    }
    expect(kept.map(([, bytes]) => Buffer.from(bytes).toString()).join()).toContain('"kept"')
  })

  test('B-155: the seal is the hash of the last entry that was cut off, and the log says so', () => {
    const entries = rowsOf('audit').map(({ value }) => ({ value, ...readAuditEntry(value) }))
    const seal = bridgeTables['audit-seal']!.value(rowsOf('audit-seal').at(-1)!.value) as {
      n: number
      hash: string
    }
    const { value } = entries.find(({ n }) => n === seal.n)!
    expect(createHash('sha256').update(value).digest('hex')).toBe(seal.hash)
    expect(entries.findLast(({ kind }) => kind === 'cut')).toMatchObject({ upTo: seal.n, hash: seal.hash })
  })

  test('B-160: what the tables were written without; B-192: why a mapping is paused', () => {
    const read = (table: string) => bridgeTables[table]!.value(rowsOf(table).at(-1)!.value)
    expect(read('privacy')).toEqual({ 'visits\ncases': ['Secret'] })
    expect(rowsOf('schema').at(-1)?.key).toBe('visits\ncases')
    expect(read('schema')).toMatchObject({
      paused: { reasons: [{ code: 'unknown-field', external: 'Site' }] },
    })
  })

  test('links lead from a row to its record, by both its names', () => {
    const links = rowsOf('links').map(({ key, value }) => [key, Buffer.from(value).toString()])
    expect(links).toContainEqual([`i\ncases\n${story.row.id}`, 'visits/good'])
    expect(links).toContainEqual([`e\ncases\n${story.row.externalId}`, 'visits/good'])
  })
  test('Reviews, conflicts: what waits for a person, with what both sides say', () => {
    const [review] = rowsOf('reviews').map(({ key, value }) => [key, bridgeTables.reviews!.value(value)])
    const title = { agreed: 'good', ours: 'ours', theirs: 'theirs too' }
    expect(review).toEqual(['visits/good', { format: 1, fields: { title: expect.objectContaining(title) } }])
    expect(rowsOf('conflicts').map(({ key }) => key)).toContain('visits\ntitle\nreview\nreview')
  })
})
