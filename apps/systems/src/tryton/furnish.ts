/** What a company has before it can work: a currency, itself, its people, a country, a few products. It becomes part of the demo database, so that no test pays for it. */
import { date, decimal, type Office } from './office.ts'
import { ADMINISTRATION, people } from './people.ts'

/** Parts that technicians use, by code; sold by the piece at a price. */
const products = { bolt: '0.40', cable: '3.20', 'cable-tie': '0.10', cone: '19.90', seal: '7.50' } as const
/** Where the first customers are. */
const states = ['CA', 'OR', 'WA']

/** @param admin the administrator of a database that has only its modules */
export async function furnish(admin: Office): Promise<void> {
  const [currency] = await admin.create('currency.currency', {
    name: 'US Dollar',
    code: 'USD',
    symbol: '$',
    rounding: decimal('0.01'),
    digits: 2,
    rates: [['create', [{ date: date(2020, 1, 1), rate: decimal('1') }]]],
  })
  const [party] = await admin.create('party.party', { name: 'Skerry Field Service', code: 'COMPANY' })
  const [company] = await admin.create('company.company', { party, currency })
  await admin.write('res.user', 1, { companies: [['add', [company]]], company })
  await admin.refresh()
  await hire(admin, company!)
  await admin.create('country.country', {
    name: 'United States',
    code: 'US',
    subdivisions: [['create', states.map((state) => ({ name: state, code: `US-${state}`, type: 'state' }))]],
  })
  await stock(admin)
}

/** The two who work: each a party, an employee, a user. */
async function hire(admin: Office, company: number): Promise<void> {
  const groups = await admin.search<{ id: number; name: string }>('res.group', [], ['name'])
  const working = groups.filter(({ name }) => name !== ADMINISTRATION).map(({ id }) => id)
  for (const { login, password } of [people.skerry, people.office]) {
    const [party] = await admin.create('party.party', { name: login, code: login.toUpperCase() })
    const [employee] = await admin.create('company.employee', { party, company })
    await admin.create('res.user', {
      name: login,
      login,
      password,
      companies: [['add', [company]]],
      company,
      employees: [['add', [employee]]],
      employee,
      groups: [['add', working]],
    })
  }
}

async function stock(admin: Office): Promise<void> {
  // Whatever is sold wants to know how it is booked.
  const [category] = await admin.create('product.category', { name: 'Parts', accounting: true })
  const [unit] = await admin.search<{ id: number }>('product.uom', [['symbol', '=', 'u']], ['symbol'])
  await admin.create(
    'product.template',
    ...Object.entries(products).map(([code, price]) => ({
      name: code,
      type: 'goods',
      default_uom: unit!.id,
      salable: true,
      sale_uom: unit!.id,
      list_price: decimal(price),
      account_category: category,
      products: [['create', [{ suffix_code: code }]]],
    })),
  )
}
