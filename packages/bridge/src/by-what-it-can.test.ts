/** One bridge for systems of very different kinds: what an adapter says that its system can do decides how changes are found (SPEC B-110 to B-119). */
import { MemorySystem, type MemorySystemOptions } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, test } from 'vitest'
import { bridged, jobMapping, openNode } from '../test/nodes.ts'

beforeAll(startEngine)

interface Kind {
  can: string
  options: MemorySystemOptions
  /** What is asked of the system until all is found, each once. */
  asked: string[]
}

const kinds: Kind[] = [
  { can: 'tell all changes', options: {}, asked: ['changes'] },
  {
    can: 'tell them from a position that it names',
    options: { namesPositions: true },
    asked: ['changes', 'latest', 'list', 'read'],
  },
  {
    can: 'not tell of deletions, only list what is there',
    options: { deletions: 'unseen', namesPositions: true },
    asked: ['changes', 'latest', 'list', 'read'],
  },
  {
    can: 'not be trusted with its versions',
    options: { versions: 'unsure' },
    asked: ['changes'],
  },
  { can: 'only list what it knew a while ago', options: { lags: true }, asked: ['changes', 'read'] },
]

test.each(kinds)(
  'CDC-7: an insert, an update and a delete are found in a system that can $can',
  async ({ options, asked }) => {
    const node = await openNode()
    const system = new MemorySystem({ losesPush: () => true, ...options })
    const { bridge } = await bridged(node, system)
    const look = async () => {
      system.index()
      await bridge.pollNow()
      await bridge.idle()
    }
    const titles = async () => (await node.replica.jobs.all()).map(({ title }) => title).sort()
    const rows = ['a', 'b', 'c'].map((title) => system.edit('cases', {}, { Title: title }))
    await look()
    expect(await titles()).toEqual(['a', 'b', 'c'])
    system.edit('cases', { id: rows[1]!.id }, { Title: 'b, later' })
    system.edit('cases', { id: rows[2]!.id, deleted: true }, {})
    await look()
    // Where nothing tells of a deletion, the whole listing is compared when it is time.
    if (options.deletions === 'unseen') await bridge.reconcile()
    await bridge.idle()
    expect(await titles()).toEqual(['a', 'b, later'])
    expect([...new Set(system.ledger.map(({ method }) => method))].sort()).toEqual(asked)
    await bridge.close()
  },
)

test('REC-2 B-123 a check of the fields that matter: drift is counted by field and side, in a few calls, and nothing is repaired', async () => {
  const node = await openNode()
  const system = new MemorySystem({ losesPush: () => true, batch: { writesMax: 100, readsMax: 100 } })
  const { title, status, site } = jobMapping.fields
  const mappings = [{ ...jobMapping, fields: { title: title!, status: status!, site: site! } }]
  const { bridge } = await bridged(node, system, { mappings })
  const { jobs } = node.replica
  for (let i = 0; i < 60; i++) await jobs.create({ title: `job ${i}`, site: 'SEA' }, { id: `job-${i}` })
  await bridge.idle()
  const rows = system.rows('cases')
  for (const { id } of rows.slice(0, 3)) system.edit('cases', { id }, { Status: 'done' })
  system.edit('cases', { id: rows[3]!.id }, { Site: 'PDX', Unmapped: 'of no interest' })
  const before = [await jobs.all(), system.rows('cases'), system.effects('cases').length]
  const calls = system.ledger.length
  const [report] = await bridge.reconcile({ dryRun: true })
  expect(report?.drift).toEqual([
    { field: 'status', side: 'theirs', repair: 'taken', count: 3 },
    { field: 'site', side: 'theirs', repair: 'taken', count: 1 },
  ])
  expect(report).toMatchObject({ dryRun: true, listed: 60, absent: { found: 0 } })
  expect([await jobs.all(), system.rows('cases'), system.effects('cases').length]).toEqual(before)
  expect(system.ledger.length - calls).toBeLessThan(10)
  await bridge.close()
})
