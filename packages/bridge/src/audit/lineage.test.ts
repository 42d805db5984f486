import {
  type Bridge,
  type BridgeOptions,
  type MappingConfig,
  MemorySystem,
  startBridge,
} from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { append, unchanged } from '../../test/audit-chain.ts'
import { bridged, jobMapping, openNode } from '../../test/nodes.ts'
import { Space, type SpaceNode } from '../../test/space.ts'
import { LINEAGE_STEPS_MAX } from '../limits.ts'

beforeAll(startEngine)

const mapping: MappingConfig = {
  ...jobMapping,
  fields: {
    ...jobMapping.fields,
    title: { field: 'Title', rule: 'review' },
    site: { field: 'Site', rule: 'this-side' },
  },
}

/** An edge, a hub and an adapter node, so that edits have authors. */
async function story(options: Partial<BridgeOptions> = {}, refuses?: (title: unknown) => string | undefined) {
  const space = new Space()
  const hub = await space.hub()
  const edge = await space.edge('ana', hub)
  const node = await space.edge('adapter', hub, ['crm'])
  const system = new MemorySystem({
    name: 'crm',
    ...(refuses && { refuses: (_, { Title }) => refuses(Title) }),
  })
  const start = async () => {
    const { replica, host } = node
    const settings = { name: 'crm', mappings: [mapping], pollIntervalMs: 0, ...options }
    const bridge = await startBridge({ replica, host, adapter: system.adapter(), ...settings })
    space.bridges.push({ node, bridge, system })
    return bridge
  }
  const bridge = await start()
  /** Both sides edit while the bridge is away. */
  const apart = async (both: () => Promise<void>) => {
    await space.bridges.pop()!.bridge.close()
    await both()
    await space.settle()
    return start()
  }
  return { space, edge, bridge, system, apart }
}

async function edit({ replica }: SpaceNode, id: string, fields: Record<string, string>): Promise<void> {
  await replica.jobs.update(id, (draft) => void Object.assign(draft, fields))
}

const kinds = async (bridge: Bridge, of: string, field?: string) =>
  (await bridge.audit.why(of, field)).steps.map(({ kind }) => kind)

describe('B-152 MAP-8: the lineage of a value', () => {
  test('made here: which edit, by whom, by which mapping, call and answer, until the system shows it', async () => {
    const { space, edge, bridge, system } = await story()
    const { id } = await edge.replica.jobs.create({ title: 'New pump', site: 'SEA' })
    await space.round()
    await edit(edge, id, { site: 'PDX' })
    await space.round()
    await space.round()
    const { steps, present, ...lineage } = await bridge.audit.why(`jobs/${id}`, 'site')
    expect(lineage).toEqual({ system: 'crm', of: `jobs/${id}`, field: 'site', earlier: 0, cutUpTo: 0 })
    expect(present).toEqual({ record: 'PDX', row: 'PDX' })
    const row = system.rows('cases')[0]!
    expect(
      steps.map(({ kind, words }) => [kind, words.replaceAll(/ at 20[^ ]+ \(00[0-9a-f]+…/g, ' at (…')]),
    ).toEqual([
      ['noticed', 'an edit was seen: Title, Site is to be written to cases of crm (create)'],
      [
        'begun',
        'the call was made up: site as Site, (a value that is not kept), from the edit of ana at (… 1); to a new cases of crm',
      ],
      ['answered', `crm answered done, row ${row.id} in version v1`],
      ['echo', `crm shows cases ${row.id} as it was written, version v1`],
      ['noticed', 'an edit was seen: Site is to be written to cases of crm (update)'],
      [
        'begun',
        `the call was made up: site as Site, "PDX", from the edit of ana at (… 2); to cases ${row.id} of crm, which must be in version v1`,
      ],
      ['answered', `crm answered done, row ${row.id} in version v2`],
      ['echo', `crm shows cases ${row.id} as it was written, version v2`],
    ])
    expect(steps.filter(({ isPresent }) => isPresent).map(({ kind, value }) => [kind, value])).toEqual([
      ['begun', 'PDX'],
    ])
    // By the row, and by the row's name of the field, it is the same.
    expect(await bridge.audit.why({ type: 'cases', row: row.id }, 'Site')).toMatchObject({ steps })
    expect(await kinds(bridge, `jobs/${id}`, 'status')).toEqual([])
    await space.close()
  })

  test('made there: in which version, by whom, and which rule let it in or not', async () => {
    const { space, edge, system, apart } = await story({ audit: { values: 'kept' } })
    const { id } = system.edit('cases', {}, { Title: 'theirs', Site: 'SEA' })
    await space.round()
    const [record] = await edge.replica.jobs.all()
    const key = `jobs/${record!.id}`
    const bridge = await apart(async () => {
      await edit(edge, record!.id, { site: 'ours' })
      system.edit('cases', { id }, { Site: 'theirs', Status: 'done' })
    })
    await space.round()
    const site = await bridge.audit.why(key, 'site')
    expect(site.steps.map(({ words }) => words)).toContainEqual(
      expect.stringContaining('by office became the record: site "SEA" is taken'),
    )
    expect(site.steps.map(({ words }) => words)).toContainEqual(
      expect.stringContaining('by office was taken in: site "theirs" is overruled (this-side)'),
    )
    expect(site.steps.find(({ kind }) => kind === 'told')?.words).toContain('overruled by the rule this-side')
    expect((await bridge.audit.why(key, 'status')).steps).toMatchObject([
      { kind: 'taken', value: 'done', isPresent: true },
    ])
    await space.close()
  })

  test('refused: in the words that the dead letter has, until somebody has it tried again', async () => {
    let reason: string | undefined = 'Title is spoken for'
    const { space, edge, bridge } = await story({}, () => reason)
    const { id } = await edge.replica.jobs.create({ title: 'a' })
    await space.round()
    const words = async () => (await bridge.audit.why(`jobs/${id}`, 'title')).steps.map((step) => step.words)
    expect(await words()).toContainEqual('crm answered rejected, about Title: Title is spoken for')
    expect((await words()).at(-1)).toBe('everybody was told: refused, about /title: Title is spoken for')
    reason = undefined
    await bridge.retryAll({ by: 'eve' })
    await space.round()
    await space.round()
    const after = await kinds(bridge, `jobs/${id}`, 'title')
    expect(after).toEqual([
      'noticed',
      'begun',
      'answered',
      'told',
      'retried',
      'noticed',
      'begun',
      'answered',
      'echo',
    ])
    expect(await words()).toContainEqual('eve had the dead letter tried again')
    // Nobody has the words any more, but that there were some.
    expect(await words()).toContainEqual('crm answered rejected, about Title: (its words are not kept)')
    await space.close()
  })

  test('of a review: who decided, and what', async () => {
    const { space, edge, system, apart } = await story({ audit: { values: 'kept' } })
    const { id } = await edge.replica.jobs.create({ title: 'a' })
    await space.round()
    await space.round()
    const bridge = await apart(async () => {
      await edit(edge, id, { title: 'ours' })
      system.edit('cases', { id: system.rows('cases')[0]!.id }, { Title: 'theirs' })
    })
    await space.round()
    const [review] = await bridge.reviews()
    await bridge.resolve(review!, { value: 'a third' }, { by: 'eve' })
    await space.round()
    await space.round()
    const { steps } = await bridge.audit.why(`jobs/${id}`, 'title')
    const since = steps.slice(steps.findIndex(({ kind }) => kind === 'told'))
    expect(since.map(({ kind }) => kind)).toEqual([
      'told',
      'taken',
      'decided',
      'told',
      'told',
      'noticed',
      'begun',
      'answered',
      'echo',
    ])
    expect(since[1]!.words).toContain('title "theirs" waits for a person (review)')
    expect(since[2]!.words).toBe('eve decided title: "a third"')
    expect(since[6]!.words).toContain('title as Title, "a third", from the edit of adapter')
    await space.close()
  })

  test('of what does not exist is an error that says what there is', async () => {
    const { space, edge, bridge } = await story()
    const { id } = await edge.replica.jobs.create({ title: 'a' })
    await space.round()
    await expect(bridge.audit.why(`jobs/${id}`, 'Titel')).rejects.toMatchObject({
      code: 'unknown-field',
      message: `jobs/${id}: 'Titel' is no mapped field of it; did you mean 'title'?`,
    })
    for (const of of ['jobs/none', 'sites/1', { type: 'cases', row: 'none' }])
      await expect(bridge.audit.why(of)).rejects.toThrow('nothing was ever done for it here')
    await space.close()
  })

  test('of a long life is told from its newest steps', async () => {
    const node = await openNode()
    const { bridge } = await bridged(node, new MemorySystem({ name: 'crm' }))
    await bridge.idle()
    const versions = Array.from({ length: LINEAGE_STEPS_MAX + 2 }, (_, i) => unchanged('jobs/1', `v${i}`))
    await append(node, versions.slice(0, LINEAGE_STEPS_MAX))
    expect(await bridge.audit.why('jobs/1')).toMatchObject({ earlier: 0 })
    await append(node, versions.slice(LINEAGE_STEPS_MAX))
    const { steps, earlier } = await bridge.audit.why('jobs/1')
    expect([steps.length, earlier, steps[0]!.words]).toEqual([
      LINEAGE_STEPS_MAX,
      2,
      'crm shows cases 7 in version v2, with nothing new in it',
    ])
    await bridge.close()
  })

  test('of a row that was set aside, by its own name', async () => {
    const node = await openNode()
    const system = new MemorySystem({ name: 'crm' })
    const { id } = system.edit('cases', {}, { Title: 7 })
    const { bridge } = await bridged(node, system, { audit: { values: 'kept' } })
    await bridge.pollNow()
    await bridge.idle()
    const { of, steps } = await bridge.audit.why({ type: 'cases', row: id })
    expect([of, steps.map(({ words }) => words)]).toEqual([
      `cases/${id}`,
      [expect.stringMatching(/^cases .* in version v1 was set aside: .*title/)],
    ])
    await bridge.close()
  })
})

describe('B-153: what people decide is told with who they are', () => {
  test('approvals', async () => {
    const node = await openNode()
    const system = new MemorySystem({ name: 'crm' })
    const { bridge } = await bridged(node, system, { mappings: [{ ...jobMapping, tier: 'reference' }] })
    const { id } = await node.replica.jobs.create({ title: 'a' })
    await bridge.idle()
    await bridge.approve({ dryRun: true, by: 'nobody' })
    await bridge.approve({ by: 'eve' })
    await bridge.idle()
    expect(
      (await bridge.audit.why(`jobs/${id}`)).steps.map(({ kind, words }) =>
        kind === 'approved' ? words : kind,
      ),
    ).toEqual(['noticed', 'eve approved the write', 'begun', 'answered', 'echo'])
    await bridge.close()
  })

  test('pairs and merges, on both records', async () => {
    const node = await openNode()
    const system = new MemorySystem({ name: 'crm' })
    const same = await node.replica.jobs.create({ title: 'Pump north' })
    const twin = await node.replica.jobs.create({ title: 'Pump north', site: 'SEA' })
    const { id: row } = system.edit('cases', {}, { Title: 'pump north' })
    const { bridge } = await bridged(node, system, {
      mappings: [{ ...jobMapping, match: [{ how: 'normalised', fields: ['title'] }] }],
    })
    await bridge.pollNow()
    await bridge.idle()
    const [pair] = await bridge.pairs()
    await bridge.pair(pair!, 'same', `jobs/${same.id}`, { by: 'eve' })
    await bridge.idle()
    await bridge.merge({ survivor: `jobs/${same.id}`, other: `jobs/${twin.id}`, by: 'ben' })
    await bridge.idle()
    const words = async (id: string) =>
      (await bridge.audit.why(`jobs/${id}`)).steps
        .map((step) => step.words)
        .filter((text) => /^(eve|ben) /.test(text))
    expect(await words(same.id)).toEqual([
      `eve said that cases ${row} is this record`,
      `ben merged jobs/${twin.id} into this record`,
    ])
    expect(await words(twin.id)).toEqual([`ben merged this record into jobs/${same.id}`])
    await bridge.close()
  })

  test('REC-1: what a walk repairs is told as found by comparing', async () => {
    const node = await openNode()
    const system = new MemorySystem({ name: 'crm' })
    const { id } = await node.replica.jobs.create({ title: 'a' })
    // Nobody tells it: it neither listens nor polls.
    const { listen: _, ...quiet } = system.adapter()
    const { bridge } = await bridged(node, system, { adapter: quiet })
    await bridge.idle()
    system.edit('cases', { id: system.rows('cases')[0]!.id }, { Site: 'SEA' })
    await bridge.reconcile()
    expect((await bridge.audit.why(`jobs/${id}`, 'site')).steps.map(({ words }) => words)).toEqual([
      expect.stringContaining('by office, found by comparing both sides was taken in'),
    ])
    await bridge.close()
  })
})
