/** What a device sees of its edits in a CRM that another node bridges, through a hub (point by point: pending, saved, refused, overruled, under review). */
import { type Bridge, type MappingConfig, MemorySystem } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { jobMapping } from '../test/nodes.ts'
import { Space, type SpaceNode } from '../test/space.ts'

beforeAll(startEngine)

const mapping: MappingConfig = {
  ...jobMapping,
  fields: {
    ...jobMapping.fields,
    title: { field: 'Title', rule: 'review' },
    site: { field: 'Site', rule: 'that-side' },
    price: { field: 'Price', authority: 'that' },
  },
}

type World = Awaited<ReturnType<typeof world>>

async function world() {
  const space = new Space()
  onTestFinished(() => space.close())
  const hub = await space.hub()
  const ana = await space.edge('tech:ana', hub)
  const ben = await space.edge('tech:ben', hub)
  const adapter = await space.edge('adapter:crm', hub, ['crm'])
  const refusals = new Map<string, string>()
  const crm = new MemorySystem({
    name: 'crm',
    refuses: (_, fields) =>
      Object.keys(fields)
        .map((name) => refusals.get(name))
        .find((reason) => reason),
  })
  const { bridge } = await space.bridge(adapter, 'crm', crm, mapping)
  const { id } = await ana.replica.jobs.create({ title: 'before', site: 'PDX' })
  const edit = (who: SpaceNode, fields: object) =>
    who.replica.jobs.update(id, (draft) => void Object.assign(draft, fields))
  const standing = async (who: SpaceNode, place = 'crm') =>
    Object.fromEntries((await who.replica.jobs.standing(id, place)).map(({ field, state }) => [field, state]))
  const office = (fields: object) => crm.edit('cases', { id: crm.rows('cases')[0]!.id }, fields as never)
  const sync = () => space.round()
  return { space, hub, ana, ben, adapter, crm, bridge, refusals, id, edit, standing, office, sync }
}

/** The office edits, and an edit comes from a device, while the adapter node is down. */
async function whileDown({ space, crm, bridge }: World, work: () => Promise<unknown>): Promise<Bridge> {
  await bridge.close()
  await work()
  await space.settle()
  const { node } = space.bridges.pop()!
  return (await space.bridge(node, 'crm', crm, mapping)).bridge
}

test('CDC-13 EVT-10: pending until the hub has it, then until the CRM has it; saved on every device', async () => {
  const { ana, ben, hub, edit, standing, sync, space } = await world()
  expect(await standing(ana, 'hub')).toEqual({ title: 'pending', site: 'pending' })
  expect(await standing(ana)).toEqual({ title: 'pending', site: 'pending' })
  await space.settle()
  expect(await standing(ana, 'hub')).toEqual({ title: 'saved', site: 'saved' })
  await sync()
  for (const who of [ana, ben, hub]) expect(await standing(who)).toEqual({ title: 'saved', site: 'saved' })
  await edit(ben, { status: 'done' })
  expect(await standing(ben)).toEqual({ title: 'saved', site: 'saved', status: 'pending' })
  expect(await standing(ana)).toEqual({ title: 'saved', site: 'saved' })
  await sync()
  for (const who of [ana, ben, hub])
    expect(await standing(who)).toEqual({ title: 'saved', site: 'saved', status: 'saved' })
})

test('refused, in the system’s own words, with all that the call would have written; then mended', async () => {
  const { ana, ben, edit, standing, sync, refusals, id } = await world()
  await sync()
  refusals.set('Status', 'Status: a closed case needs a resolution')
  await edit(ana, { status: 'done', notes: 'oiled' })
  await sync()
  for (const who of [ana, ben]) {
    expect(await standing(who)).toEqual({
      title: 'saved',
      site: 'saved',
      status: 'refused',
      notes: 'refused',
    })
    const told = await who.replica.jobs.standing(id, 'crm')
    expect(told.find(({ field }) => field === 'status')?.reason).toBe(
      'Status: a closed case needs a resolution',
    )
  }
  refusals.clear()
  await edit(ben, { status: 'open' })
  await sync()
  for (const who of [ana, ben])
    expect(await standing(who)).toEqual({ title: 'saved', site: 'saved', status: 'saved', notes: 'saved' })
})

test('EVT-12: overruled by its rule, and by whose the field is, with both values', async () => {
  const one = await world()
  const { ana, ben, edit, standing, sync, office, id } = one
  await sync()
  await whileDown(one, async () => {
    office({ Site: 'SEA' })
    await edit(ana, { site: 'GEG', notes: 'oiled', price: '12.00' })
  })
  await sync()
  for (const who of [ana, ben]) {
    expect(await standing(who)).toEqual({
      title: 'saved',
      site: 'overruled',
      notes: 'saved',
      price: 'overruled',
    })
    const told = await who.replica.jobs.standing(id, 'crm')
    expect(told.find(({ field }) => field === 'site')).toMatchObject({
      rule: 'that-side',
      values: { was: 'GEG', became: 'SEA' },
    })
    expect(told.find(({ field }) => field === 'price')).toMatchObject({
      reason: "/price is crm's to say: the edit made here was overruled",
      values: { was: '12.00', became: null },
    })
  }
  await expect(ana.replica.jobs.saved(id, 'crm')).rejects.toMatchObject({ code: 'overruled' })
  expect(await ben.replica.jobs.get(id)).toMatchObject({ site: 'SEA', notes: 'oiled' })
})

test.each([
  ['ours', 'saved', 'hers'],
  ['theirs', 'overruled', 'theirs'],
] as const)(
  'CON-13: under review on every device, until somebody decides %s: %s',
  async (decision, state, title) => {
    const one = await world()
    const { ana, ben, hub, crm, edit, standing, sync, office, id } = one
    await sync()
    const bridge = await whileDown(one, async () => {
      office({ Title: 'theirs' })
      await edit(ana, { title: 'hers', status: 'done' })
    })
    await sync()
    for (const who of [ana, ben, hub]) {
      expect(await standing(who)).toEqual({ title: 'review', site: 'saved', status: 'saved' })
      const told = await who.replica.jobs.standing(id, 'crm')
      expect(told.find(({ field }) => field === 'title')).toMatchObject({
        values: { was: 'theirs', became: 'hers', agreed: 'before' },
        reason: expect.stringMatching(/here by tech:ana, in crm by office/),
      })
    }
    await expect(ana.replica.jobs.saved(id, 'crm')).rejects.toMatchObject({ code: 'review' })
    const [review] = await bridge.reviews()
    await bridge.resolve(review!, decision, { by: 'desk:eve' })
    await sync()
    for (const who of [ana, ben, hub]) {
      expect(await standing(who)).toEqual({ title: state, site: 'saved', status: 'saved' })
      expect((await who.replica.jobs.get(id))?.title).toBe(title)
    }
    expect(crm.rows('cases')[0]!.value['Title']).toBe(title)
  },
)
