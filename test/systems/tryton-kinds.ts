/** The two kinds of rows that the contract is tried on (tryton-subject.ts). */
import type { JsonObject } from '@skerry/core'
import type { TrytonStand } from './tryton-stand.ts'
import type { Kind } from './tryton-subject.ts'

interface Opportunity {
  id: number
  reference: string | null
  description: string | null
  comment: string | null
}

export const opportunities: Kind = {
  type: 'sale.opportunity',
  models: {
    'sale.opportunity': { key: 'reference', fields: ['description', 'comment', 'conversion_probability'] },
  },
  fields: { title: 'description', note: 'comment' },
  poison: {
    fields: { conversion_probability: 7 },
    reason: /"Conversion Probability" .* is not valid/,
    names: ['conversion_probability'],
  },
  tables: ['sale_opportunity'],
  async empty(stand) {
    await stand.sql('DELETE FROM sale_opportunity')
  },
  async create({ office }, fields) {
    return (await office.create('sale.opportunity', fields))[0]!
  },
  async edit({ office }, id, fields) {
    await office.write('sale.opportunity', id, fields)
  },
  async rows({ office }) {
    const names = ['reference', 'description', 'comment']
    const found = await office.search<Opportunity>('sale.opportunity', [], names)
    return found.map(({ id, reference, description, comment }) => ({
      id: String(id),
      externalId: reference ?? undefined,
      deleted: false,
      value: { description, comment },
    }))
  },
  dropNote: { never: 'a field of the row itself goes with an upgrade of its module, which no test can make' },
  late: {
    // A row that refers to a party waits for whoever changes the party.
    lock: "SELECT id FROM party_party WHERE code = 'COMPANY' FOR UPDATE",
    sequence: 'sale_opportunity_id_seq',
    async create({ office }, fields) {
      const [party] = await office.search<{ id: number }>('party.party', [['code', '=', 'COMPANY']], ['code'])
      return (await office.create('sale.opportunity', { ...fields, party: party!.id }))[0]!
    },
  },
}

/** Parties that a company cannot be without. */
const furniture = ['COMPANY', 'SKERRY', 'OFFICE']

interface Party {
  id: number
  code: string
  name: string | null
  active: boolean
  'addresses.': { id: number; street: string | null }[]
}

export const parties: Kind = {
  type: 'party.party',
  models: { 'party.party': { key: 'code', unique: true, fields: ['name', 'lang', 'addresses.street'] } },
  fields: { title: 'name', note: 'addresses.street' },
  poison: { fields: { lang: '99999' }, reason: /"Language" .* does not exist/, names: ['lang'] },
  tables: ['party_party', 'party_address'],
  async empty(stand) {
    await seeOnlyOwn(stand)
    await stand.sql(
      `DELETE FROM party_party WHERE code NOT IN (${furniture.map((code) => `'${code}'`).join(', ')})`,
    )
  },
  async create({ office }, fields) {
    return (await office.create('party.party', partyOf(fields)))[0]!
  },
  async edit({ office }, id, { name, 'addresses.street': street }) {
    if (name !== undefined) await office.write('party.party', id, { name })
    if (street === undefined) return
    // Past the party, as somebody does who has the list of addresses before them.
    const [address] = await office.search<{ id: number }>('party.address', [['party', '=', id]], ['party'])
    await office.write('party.address', address!.id, { street })
  },
  async rows({ office }) {
    const domain = [['code', 'not in', furniture]]
    const found = await office.search<Party>('party.party', domain, ['code', 'name', 'addresses.street'])
    return found.map(({ id, code, name, 'addresses.': [address] }) => ({
      id: String(id),
      externalId: code,
      deleted: false,
      value: { name, 'addresses.street': address?.street ?? null },
    }))
  },
  dropNote: (stand) => stand.withdraw('party.address'),
  late: {
    lock: "SELECT id FROM country_country WHERE code = 'US' FOR UPDATE",
    sequence: 'party_party_id_seq',
    async create({ office }, fields) {
      const [country] = await office.search<{ id: number }>(
        'country.country',
        [['code', '=', 'US']],
        ['code'],
      )
      return (await office.create('party.party', partyOf(fields, { country: country!.id })))[0]!
    },
  },
}

function partyOf({ name, 'addresses.street': street }: JsonObject, address: object = {}): object {
  return { name, addresses: [['create', [{ street: street ?? null, ...address }]]] }
}

/** A rule of the house: the adapter's user does not see the company's own parties. Made once for a stand. */
async function seeOnlyOwn(stand: TrytonStand): Promise<void> {
  await stand.once('only its own parties', async () => {
    const { admin } = stand
    const [model] = await admin.search<{ id: number }>('ir.model', [['model', '=', 'party.party']], ['model'])
    const [group] = await admin.create('res.group', { name: 'Adapters' })
    await admin.create('ir.rule.group', {
      name: 'Not the company itself',
      model: model!.id,
      global_p: false,
      groups: [['add', [group]]],
      rules: [['create', [{ domain: JSON.stringify([['code', 'not in', furniture]]) }]]],
    })
    await admin.write('res.user', await stand.adapterUser(), { groups: [['add', [group]]] })
  })
  await stand.giveBack()
}
