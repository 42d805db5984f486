import { createHmac } from 'node:crypto'
import {
  type BridgeEvent,
  type MappingConfig,
  MemorySystem,
  parseMappings,
  startBridge,
} from '@skerry/bridge'
import { collection, MemoryDisk, memoryStore, openReplica } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { keptBy, tablesWith } from '../../test/all-tables.ts'
import { HeldAdapter } from '../../test/held.ts'
import { bridged, jobMapping, openNode, type TestNode } from '../../test/nodes.ts'
import { hmacSha256 } from './hmac.ts'

beforeAll(startEngine)

/** Nobody would write these by chance. */
const OURS = 'canary-4711-ours'
const THEIRS = 'canary-4711-theirs'
const CANARIES = [OURS, THEIRS]
const KEY = 'a key that nobody guesses'

const never: MappingConfig = { ...jobMapping, never: { record: ['inside'], row: ['Secret'] } }
const hashed: MappingConfig = {
  ...jobMapping,
  fields: { ...jobMapping.fields, inside: { field: 'InsideHash', hashed: true } },
}

const hashOf = (value: string) =>
  createHmac('sha256', KEY)
    .update(`["crm","jobs","inside"]${JSON.stringify(value)}`)
    .digest('hex')

interface Life {
  node: TestNode
  system: MemorySystem
  said: BridgeEvent[]
  sent: string[]
}

function lives(): { system: MemorySystem; sent: string[] } {
  const sent: string[] = []
  const system = new MemorySystem({
    name: 'crm',
    refuses: (_, fields) => {
      sent.push(JSON.stringify(fields))
      return fields.Title === 'bad' ? 'not in our register' : undefined
    },
  })
  return { system, sent }
}

/** One life that puts something into every table: written, refused, waiting, begun, in conflict, deleted against edited, in doubt, set aside; values stand beside the audit log. */
async function everything(mapping: MappingConfig): Promise<Life> {
  const { system, sent } = lives()
  const node = await openNode({ disk: new MemoryDisk() })
  const { jobs } = node.replica
  const said: BridgeEvent[] = []
  const one: MappingConfig = {
    ...mapping,
    deletes: 'review',
    fields: { ...mapping.fields, title: { field: 'Title', rule: 'review' } },
    match: [{ how: 'scored', fields: { site: 1 }, sure: 1, doubtful: 0.4 }],
  }
  const held = new HeldAdapter(system.adapter())
  const start = async () =>
    (
      await bridged(node, system, {
        adapter: held.adapter,
        mappings: [one],
        audit: { values: 'kept' },
        hashKey: KEY,
        events: (event) => said.push(event),
      })
    ).bridge
  let bridge = await start()
  await bridge.pollNow()
  const make = (id: string, title: string, site = id) =>
    jobs.create({ title, site, inside: OURS, notes: 'n' }, { id })
  for (const id of ['agreed', 'conflict', 'deleted', 'begun']) await make(id, id)
  await make('dead', 'bad')
  await bridge.idle()
  await bridge.close()
  const rowOf = (id: string) =>
    system.rows('cases').find(({ externalId }) => externalId === `skerry:${id}`)!.id
  for (const id of ['agreed', 'conflict', 'begun'])
    await jobs.update(
      id,
      (draft) => void Object.assign(draft, { title: `${id} ours`, inside: `${OURS} again` }),
    )
  await jobs.update('agreed', (draft) => void Object.assign(draft, { inside: `${OURS} alone` }))
  await jobs.delete('deleted')
  for (const id of ['conflict', 'deleted'])
    system.edit('cases', { id: rowOf(id) }, { Title: `${id} theirs`, Secret: THEIRS })
  await make('doubt', 'doubt', 'north pole station')
  system.edit('cases', {}, { Title: 'doubt', Site: 'north pole', Secret: THEIRS })
  system.edit('cases', {}, { Title: 7, Secret: THEIRS })
  const call = held.hold('upsert', 'answer')
  bridge = await start()
  await bridge.pollNow()
  await call.arrived
  node.host.dead = true
  return { node, system, said, sent }
}

describe('B-157 GOV-6: what is never bridged', () => {
  test('stands in no table, call, event or dead letter, whatever happens to its record', async () => {
    const { node, system, said, sent } = await everything(never)
    // It did come to all of that.
    for (const kind of ['shadow', 'outbox', 'reviews', 'unread', 'pairs', 'audit-values'])
      expect([kind, (await tablesWith(node.replica, 'crm', ['a', '1'])).includes(kind)]).toEqual([kind, true])
    expect(await tablesWith(node.replica, 'crm', ['a document of'])).toEqual([])
    expect(await tablesWith(node.replica, 'crm', CANARIES)).toEqual([])
    expect(JSON.stringify([said, sent])).not.toContain('canary')
    expect(system.rows('cases').filter(({ value }) => JSON.stringify(value).includes(OURS))).toEqual([])
    // Without the rule it is all over the place: the test can fail.
    const open = await everything({ ...never, never: { row: ['Other'] } })
    expect(await tablesWith(open.node.replica, 'crm', CANARIES)).toEqual(
      expect.arrayContaining(['shadow', 'outbox', 'reviews']),
    )
  })

  test('is not taken away from the record by what the row changes, nor by a merge of both sides', async () => {
    const { system } = lives()
    const node = await openNode()
    const { jobs } = node.replica
    const { bridge } = await bridged(node, system, { mappings: [never] })
    const { id } = await jobs.create({ title: 'a', inside: OURS, notes: 'abc' })
    await bridge.idle()
    await jobs.update(
      id,
      (draft) => void Object.assign(draft, { inside: `${OURS} later`, notes: 'abc ours' }),
    )
    system.edit(
      'cases',
      { id: system.rows('cases')[0]!.id },
      { Title: 'b', Secret: THEIRS, Notes: 'theirs abc' },
    )
    await bridge.pollNow()
    await bridge.idle()
    expect(await jobs.get(id)).toEqual({ id, title: 'b', inside: `${OURS} later`, notes: 'theirs abc ours' })
    expect(system.rows('cases')[0]!.value).toMatchObject({ Title: 'b', Notes: 'theirs abc ours' })
    await bridge.close()
  })

  test('is shown to no filter and no rule', async () => {
    const { system } = lives()
    const node = await openNode()
    const seen: string[] = []
    const spy = <Value>(value: Value) => {
      seen.push(JSON.stringify(value))
      return true
    }
    const { bridge } = await bridged(node, system, {
      mappings: [
        {
          ...never,
          filter: { in: spy, out: spy },
          fields: { title: { field: 'Title', rule: (conflict) => (spy(conflict) ? 'both' : 'ours') } },
        },
      ],
    })
    const { id } = await node.replica.jobs.create({ title: 'a', inside: OURS })
    await bridge.idle()
    await bridge.close()
    await node.replica.jobs.update(id, (draft) => void Object.assign(draft, { title: 'b' }))
    system.edit('cases', { id: system.rows('cases')[0]!.id }, { Title: 'c', Secret: THEIRS })
    system.edit('cases', {}, { Title: 'd', Secret: THEIRS })
    const again = await bridged(node, system, {
      mappings: [
        {
          ...never,
          filter: { in: spy, out: spy },
          fields: { title: { field: 'Title', rule: (conflict) => (spy(conflict) ? conflict.theirs! : '') } },
        },
      ],
    })
    await again.bridge.pollNow()
    await again.bridge.idle()
    expect(seen.length).toBeGreaterThan(3)
    expect(seen.join()).not.toContain('canary')
    await again.bridge.close()
  })
})

describe('B-158 GOV-6: what is bridged as a hash', () => {
  test('goes out as a keyed hash, once for each value; nothing comes back', async () => {
    const { system } = lives()
    const node = await openNode()
    const { jobs } = node.replica
    const { bridge } = await bridged(node, system, { mappings: [hashed], hashKey: KEY })
    const { id } = await jobs.create({ title: 'a', inside: OURS })
    await bridge.idle()
    const row = () => system.rows('cases')[0]!
    expect(row().value['InsideHash']).toBe(hashOf(OURS))
    const effects = system.effects('cases').length
    await jobs.update(id, (draft) => void Object.assign(draft, { title: 'b' }))
    await bridge.idle()
    expect(
      system
        .effects('cases')
        .slice(effects)
        .map(({ fields }) => fields),
    ).toEqual([['Title']])
    system.edit('cases', { id: row().id }, { InsideHash: 'tampered' })
    await bridge.pollNow()
    await bridge.idle()
    expect(await jobs.get(id)).toMatchObject({ inside: OURS })
    await jobs.update(id, (draft) => void Object.assign(draft, { inside: THEIRS }))
    await bridge.idle()
    expect(row().value['InsideHash']).toBe(hashOf(THEIRS))
    await jobs.update(id, (draft) => void delete draft.inside)
    await bridge.idle()
    expect(row().value['InsideHash'] ?? null).toBeNull()
    await bridge.close()
  })

  test('stands plain in no table, call or event', async () => {
    const { node, said, sent } = await everything(hashed)
    expect(await tablesWith(node.replica, 'crm', [OURS])).toEqual([])
    expect(JSON.stringify([said, sent])).not.toContain(OURS)
    expect(sent.join()).toContain(hashOf(OURS))
    expect(await tablesWith(node.replica, 'crm', [hashOf(OURS)])).toEqual(expect.arrayContaining(['shadow']))
  })

  test('is an HMAC as RFC 4231 has it, also with a long key', async () => {
    const { host } = await openNode()
    for (const length of [4, 20, 64, 65, 131]) {
      const [key, message] = [new Uint8Array(length).fill(0xaa), new TextEncoder().encode('Hi There')]
      expect(Buffer.from(hmacSha256(host, key, message)).toString('hex')).toBe(
        createHmac('sha256', key).update(message).digest('hex'),
      )
    }
  })
})

describe('B-157 B-158: a part of an object', () => {
  const nested = collection(
    'sites',
    z.object({
      name: z.string(),
      address: z
        .object({ city: z.string().optional(), geo: z.string().optional(), note: z.string().optional() })
        .optional(),
    }),
  )

  test('is withheld, and what stands beside it is bridged', async () => {
    const node = await openNode()
    const replica = await openReplica({
      host: node.host,
      store: memoryStore(),
      collections: { sites: nested },
    })
    const { system, sent } = lives()
    const bridge = await startBridge({
      replica,
      adapter: system.adapter(),
      host: node.host,
      pollIntervalMs: 0,
      hashKey: KEY,
      audit: { values: 'kept' },
      mappings: [
        {
          collection: 'sites',
          type: 'accounts',
          fields: {
            name: 'Name',
            'address.city': 'City',
            'address.note': { field: 'NoteHash', hashed: true },
          },
          never: { record: ['address.geo'] },
        },
      ],
    })
    const address = { city: 'Kiel', geo: OURS, note: THEIRS }
    const { id } = await replica.sites.create({ name: 'a', address })
    await bridge.idle()
    system.edit('accounts', { id: system.rows('accounts')[0]!.id }, { City: 'Rostock' })
    await bridge.pollNow()
    await bridge.idle()
    expect(await replica.sites.get(id)).toEqual({ id, name: 'a', address: { ...address, city: 'Rostock' } })
    expect(Object.keys(system.rows('accounts')[0]!.value).sort()).toEqual(['City', 'Name', 'NoteHash'])
    expect(await tablesWith(replica, 'crm', CANARIES)).toEqual([])
    expect(sent.join()).not.toContain('canary')
    expect((await keptBy(replica, 'crm')).shadow).toContain('Rostock')
    await bridge.close()
    await replica.close()
  })
})

describe('B-157 B-158: what cannot be is said with file, line and column', () => {
  const file = (fields: string, more = '') => `mappings:
  - collection: jobs
    type: cases
    fields:
      title: Title
${fields}${more}`

  async function errorOf(text: string, hashKey?: string): Promise<string> {
    const node = await openNode()
    const starting = async () =>
      startBridge({
        replica: node.replica,
        adapter: new MemorySystem().adapter(),
        host: node.host,
        mappings: parseMappings(text, 'crm.yaml'),
        ...(hashKey !== undefined && { hashKey }),
      })
    return starting().then(
      (bridge) => bridge.close().then(() => 'no error'),
      (error: Error) => error.message,
    )
  }

  test('a field that is never bridged, and bridged', async () => {
    const text = file('      inside: Inside\n', '    never:\n      record: [inside]\n')
    expect(await errorOf(text)).toBe(
      "crm.yaml:6:7: mappings.0.fields.inside: 'inside' is, holds or lies in 'inside', which is never bridged (never.record); take it out of one of them",
    )
    expect(
      await errorOf(file('      site: Account.Secret\n', '    never:\n      row: [Account]\n')),
    ).toContain("crm.yaml:6:7: mappings.0.fields.site: 'Account.Secret' is, holds or lies in 'Account'")
    const group = `    groups:
      - record: [site, inside]
        row: [Place]
        to: '{ "Place": site & inside }'
        from: '{ "site": Place }'
    never: { record: [inside] }
`
    expect(await errorOf(file('', group))).toContain(
      "crm.yaml:7:24: mappings.0.groups.0.record.1: 'inside' is",
    )
    for (const more of ['    defaults: { inside: x }\n', '    rowDefaults: { Secret: x }\n'])
      expect(await errorOf(file('', `${more}    never: { record: [inside], row: [Secret] }\n`))).toMatch(
        /^crm.yaml:6:\d+: mappings.0.(d|rowD)efaults\.(inside|Secret): '(inside|Secret)' is/,
      )
  })

  test('a part of an object that is written whole', async () => {
    const more = '    never:\n      row: [Account.Secret]\n'
    expect(await errorOf(file('      site: Account.Name\n', more))).toBe(
      "crm.yaml:6:7: mappings.0.fields.site: 'Account.Name' is written with all of Account, and 'Account.Secret' in it is never bridged (never.row); only read it (direction: in), or take out one of them",
    )
    const read = '      site: { field: Account.Name, direction: in }\n'
    expect(await errorOf(file(read, more))).toBe('no error')
    expect(await errorOf(file('', `    rowDefaults: { Account.Kind: x }\n${more}`))).toContain(
      "crm.yaml:6:20: mappings.0.rowDefaults.Account.Kind: 'Account.Kind' is written with all of Account",
    )
  })

  test('a field that there is not, or nothing at all', async () => {
    expect(await errorOf(file('', '    never: { record: [insid] }\n'))).toBe(
      "crm.yaml:6:23: mappings.0.never.record.0: 'insid' is no field of jobs; did you mean 'inside'?",
    )
    expect(await errorOf(file('', '    never: {}\n'))).toContain(
      'crm.yaml:6:12: mappings.0.never: wants record, row, or both',
    )
    expect(await errorOf(file('', '    never: { row: [""] }\n'))).toContain(
      'crm.yaml:6:20: mappings.0.never.row.0',
    )
  })

  test('a hash that comes back, is decided, or has no key', async () => {
    const inside = (more: string) => file(`      inside: { field: H, hashed: true${more} }\n`)
    expect(await errorOf(inside(''), KEY)).toBe('no error')
    expect(await errorOf(inside(''))).toBe(
      "crm.yaml:6:35: mappings.0.fields.inside.hashed: 'inside' is hashed, and the bridge has no hashKey; give it one, of the environment or a file",
    )
    expect(await errorOf(inside(', direction: both'), KEY)).toContain(
      "crm.yaml:6:52: mappings.0.fields.inside.direction: 'inside' is hashed, and a hash is only written",
    )
    for (const [key, value] of Object.entries({ from: 'x', rule: 'larger', authority: 'that' }))
      expect(await errorOf(inside(`, ${key}: ${value}`), KEY)).toContain(
        `crm.yaml:6:41: mappings.0.fields.inside.${key}: 'inside' is hashed: it is written and never taken in, and cannot have '${key}'`,
      )
    expect(await errorOf(`${inside('')}    match: [{ how: exact, fields: [inside] }]\n`, KEY)).toContain(
      "mappings.0.match: 'inside' is hashed: what it says is kept in no table",
    )
  })

  test('a key that can be guessed is refused, and not shown', async () => {
    const message = await errorOf(file(''), 'short')
    expect(message).toBe('bridge: hashKey has 5 characters; want at least 16 characters that nobody guesses')
  })
})
