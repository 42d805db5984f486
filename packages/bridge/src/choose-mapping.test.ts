import { type MappingConfig, MemorySystem } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { bridgedCrm, openCrm } from '../test/crm.ts'
import { testHost } from '../test/nodes.ts'

beforeAll(startEngine)

describe('EVT-9 B-89 one collection, several types', () => {
  const sale: MappingConfig = {
    collection: 'jobs',
    type: 'opportunities',
    filter: { out: 'status = "sale"' },
    fields: { title: 'Name', status: { field: 'Stage', direction: 'out' }, notes: 'Text' },
  }
  const rest: MappingConfig = {
    collection: 'jobs',
    type: 'cases',
    fields: { title: 'Title', status: 'Status' },
  }

  test('the content says where a record goes; it stays there when it changes, and rows of both come in', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const { bridge } = await bridgedCrm(crm, system, [sale, rest])
    const { jobs } = crm.replica
    await jobs.create({ title: 'sell', status: 'sale' }, { id: 'a' })
    await jobs.create({ title: 'mend', status: 'open' }, { id: 'b' })
    system.edit('opportunities', {}, { Name: 'from sales' })
    system.edit('cases', {}, { Title: 'from support' })
    await bridge.pollNow()
    await bridge.idle()
    const values = (type: string) => system.rows(type).map(({ value }) => Object.values(value).join(' '))
    expect([values('opportunities').sort(), values('cases').sort()]).toEqual([
      ['from sales', 'sell sale'],
      ['from support', 'mend open'],
    ])
    expect((await jobs.all()).map(({ title }) => title).sort()).toEqual([
      'from sales',
      'from support',
      'mend',
      'sell',
    ])
    await jobs.update('b', (draft) => {
      draft.status = 'sale'
    })
    await bridge.idle()
    expect(system.rows('cases').find(({ externalId }) => externalId === 'skerry:b')?.value.Status).toBe(
      'sale',
    )
    // It left the filter of its mapping, and no other one takes it over.
    await jobs.update('a', (draft) => {
      draft.status = 'open'
    })
    await bridge.idle()
    expect(values('opportunities').sort()).toEqual(['from sales', 'sell sale'])
    expect(system.rows('cases')).toHaveLength(2)
    await bridge.close()
  })

  test.each([
    [[rest, sale], 'the first has no filter.out: nothing would be left for the second'],
    [[sale, { ...rest, type: 'opportunities' }], 'stand in two mappings of one bridge'],
    [
      [sale, { ...rest, type: 'opportunities', collection: 'sites', fields: { name: 'Name' } }],
      'the first has no filter.in',
    ],
  ] as [MappingConfig[], string][])(
    '%#: what could never be reached is refused: %s',
    async (mappings, message) => {
      const crm = await openCrm()
      await expect(bridgedCrm(crm, new MemorySystem(), mappings)).rejects.toThrow(message)
    },
  )
})

describe('EVT-9 B-89 several collections, one type', () => {
  const parties: MappingConfig[] = [
    {
      collection: 'sites',
      type: 'parties',
      filter: { in: 'Kind = "company"' },
      fields: { name: 'Name' },
      rowDefaults: { Kind: 'company' },
    },
    {
      collection: 'contacts',
      type: 'parties',
      fields: { name: 'FullName' },
      rowDefaults: { Kind: 'person' },
    },
  ]

  test('records of one id do not meet in one row, and each row finds its record again on another node', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const { bridge } = await bridgedCrm(crm, system, parties)
    await crm.replica.sites.create({ name: 'ACME' }, { id: 'one' })
    await crm.replica.contacts.create({ name: 'Ada' }, { id: 'one' })
    system.edit('parties', {}, { Name: 'Initech', Kind: 'company' })
    await bridge.pollNow()
    await bridge.idle()
    const made = system.rows('parties').filter(({ externalId }) => externalId)
    expect(
      made.map(({ externalId, value }) => [externalId, value.Name ?? value.FullName, value.Kind]).sort(),
    ).toEqual([
      ['skerry:contacts!one', 'Ada', 'person'],
      ['skerry:sites!one', 'ACME', 'company'],
    ])
    expect((await crm.replica.sites.all()).map(({ name }) => name).sort()).toEqual(['ACME', 'Initech'])
    // What a row is does not change with what it says.
    const initech = system.rows('parties').find(({ value }) => value.Name === 'Initech')!
    system.edit('parties', { id: initech.id }, { Name: 'Initrode', Kind: 'person' })
    await bridge.pollNow()
    await bridge.idle()
    expect((await crm.replica.sites.all()).map(({ name }) => name).sort()).toEqual(['ACME', 'Initrode'])
    const other = await openCrm({ host: testHost(2) })
    const second = await bridgedCrm(other, system, parties)
    await second.bridge.pollNow()
    await second.bridge.idle()
    expect(await other.replica.sites.get('one')).toMatchObject({ name: 'ACME' })
    expect(await other.replica.contacts.get('one')).toMatchObject({ name: 'Ada' })
    await bridge.close()
    await second.bridge.close()
  })
})
