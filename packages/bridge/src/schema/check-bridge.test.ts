/** A configuration held against a live system, and what is proposed besides (SPEC B-170 to B-175). */
import {
  type Adapter,
  asYaml,
  checkBridge,
  type FieldSchema,
  type MappingConfig,
  MemorySystem,
  parseMappings,
  type TypeSchema,
} from '@skerry/bridge'
import { collection, counter, text } from '@skerry/core'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

const sites = collection('sites', z.object({ name: z.string() }))
const visits = collection(
  'visits',
  z.object({
    title: z.string().max(100),
    status: z.enum(['open', 'done']).optional(),
    notes: text().optional(),
    price: z.string().optional(),
    hours: z.number().optional(),
    count: counter().optional(),
    day: z.string().optional(),
    tags: z.array(z.string()).optional(),
    site: z.string().optional(),
    address: z.object({ city: z.string().optional() }).optional(),
  }),
)
const collections = new Map([visits, sites].map((one) => [one.name, one]))

function field(name: string, kind: FieldSchema['kind'], more: Partial<FieldSchema> = {}): FieldSchema {
  return { name, kind, required: false, writable: true, ...more }
}

function typed(type: string, ...fields: FieldSchema[]): TypeSchema {
  return { type, fields }
}

async function check(
  types: readonly TypeSchema[],
  fields: MappingConfig['fields'],
  more: Partial<MappingConfig> = {},
  others: readonly MappingConfig[] = [],
) {
  const adapter = new MemorySystem({ name: 'crm', types }).adapter()
  const mapping = { collection: 'visits', type: 'Visit', fields, ...more }
  return checkBridge({ collections, adapter, mappings: [mapping, ...others] })
}

async function found(...given: Parameters<typeof check>) {
  const { findings } = await check(...given)
  return findings.map(({ level, code, field, external }) => [level, code, field, external])
}

describe('B-170 MAP-5 GOV-1: what a mapping names', () => {
  test('and is there as it wants it: nothing is said', async () => {
    const type = typed(
      'Visit',
      field('Title', 'text', { required: true, lengthMax: 100 }),
      field('Hours', 'number'),
    )
    expect(await found([type], { title: 'Title', hours: 'Hours' })).toEqual([])
  })

  test('a type that is not there', async () => {
    const { findings } = await check([typed('Vist')], { title: 'Title' })
    expect(findings).toMatchObject([{ level: 'error', code: 'unknown-type', type: 'Visit' }])
  })

  test('one of several types: an adapter that refuses all is asked for each', async () => {
    const inner = new MemorySystem({ types: [typed('Visit', field('Title', 'text'))] }).adapter()
    const strict: Adapter = {
      ...inner,
      describe: async (names, call) =>
        names?.includes('Site')
          ? { kind: 'rejected', reason: 'no object Site' }
          : inner.describe!(names, call),
    }
    const mappings = [
      { collection: 'visits', type: 'Visit', fields: { title: 'Titel' } },
      { collection: 'sites', type: 'Site', fields: { name: 'Name' } },
    ]
    const { findings } = await checkBridge({ collections, adapter: strict, mappings })
    expect(findings.map(({ code, message }) => [code, message])).toEqual([
      ['unknown-field', "Visit has no field 'Titel'; did you mean 'Title'?"],
      ['unknown-type', 'no object Site'],
    ])
  })

  test('a field that is not there; of one that a path leads to by another name it cannot be told', async () => {
    const type = typed('Visit', field('Title', 'text'), field('Address', 'json'))
    const fields = {
      title: 'Titel',
      'address.city': 'Address.City',
      site: { field: 'Account.Name', direction: 'in' },
    }
    expect(await found([type], fields as MappingConfig['fields'])).toEqual([
      ['error', 'unknown-field', 'title', 'Titel'],
      ['warning', 'unknown-field', 'site', 'Account.Name'],
    ])
  })

  test.each([
    ['both', [['error', 'read-only', 'title', 'Title']]],
    ['in', []],
    ['out', [['error', 'read-only', 'title', 'Title']]],
  ] as const)('a field that cannot be written, bridged %s', async (direction, expected) => {
    const type = typed('Visit', field('Title', 'text', { writable: false }))
    expect(await found([type], { title: { field: 'Title', direction } })).toEqual(expected)
  })

  test('defaults of rows are held against it too', async () => {
    const type = typed('Visit', field('Title', 'text'), field('Made', 'text', { writable: false }))
    expect(await found([type], { title: 'Title' }, { rowDefaults: { Made: 'x', Mad: 'y' } })).toEqual([
      ['error', 'read-only', undefined, 'Made'],
      ['error', 'unknown-field', undefined, 'Mad'],
    ])
  })
})

describe('B-171 MAP-5: kinds', () => {
  test.each([
    ['title', 'Title', 'integer', 'error'],
    ['title', 'Title', 'time', undefined],
    ['price', { field: 'Title', kind: 'decimal' }, 'decimal', undefined],
    ['price', { field: 'Title', kind: 'decimal' }, 'boolean', 'error'],
    ['hours', 'Title', 'integer', 'warning'],
    ['hours', 'Title', 'decimal', 'error'],
    ['hours', { field: 'Title', direction: 'out' }, 'decimal', 'warning'],
    ['count', 'Title', 'integer', undefined],
    ['count', 'Title', 'text', 'error'],
    ['notes', 'Title', 'text', undefined],
    ['notes', 'Title', 'number', 'error'],
    ['tags', 'Title', 'json', undefined],
    ['tags', 'Title', 'text', 'error'],
    ['day', { field: 'Title', kind: 'date' }, 'time', 'warning'],
    ['day', { field: 'Title', kind: 'time', as: 'seconds' }, 'integer', undefined],
    ['day', { field: 'Title', kind: 'time', as: 'seconds' }, 'time', 'error'],
    ['status', { field: 'Title', kind: 'enum', values: { open: 1, done: 2 } }, 'integer', undefined],
    ['status', { field: 'Title', kind: 'enum', values: { open: 'o', done: 'd' } }, 'integer', 'error'],
    ['title', { field: 'Title', to: String, from: String }, 'json', undefined],
  ] as const)('%s mapped as %j to a field of kind %s: %s', async (name, mapped, kind, level) => {
    const mapping = { [name]: mapped } as MappingConfig['fields']
    const said = await found([typed('Visit', field('Title', kind))], mapping)
    expect(said.map(([one]) => one)).toEqual(level === undefined ? [] : [level])
  })

  test('a reference that leads elsewhere', async () => {
    const type = typed('Visit', field('Where', 'reference', { references: ['Account'] }))
    const others = (to: string) => [{ collection: 'sites', type: to, fields: { name: 'Name' } }]
    const refer = { site: { field: 'Where', reference: 'sites' } }
    const of = (to: string) => found([type, typed(to, field('Name', 'text'))], refer, {}, others(to))
    expect(await of('Account')).toEqual([])
    expect(await of('Contact')).toEqual([['error', 'wrong-reference', 'site', 'Where']])
  })
})

describe('B-172 MAP-5: bounds', () => {
  test.each([
    [100, []],
    [99, [['warning', 'too-long', 'title', 'Title']]],
  ])('a text that takes %d code units, for one of up to 100', async (lengthMax, expected) => {
    expect(await found([typed('Visit', field('Title', 'text', { lengthMax }))], { title: 'Title' })).toEqual(
      expected,
    )
  })

  test.each([
    [2, 2, []],
    [3, 2, [['warning', 'too-precise', 'price', 'Price']]],
    [undefined, 2, [['warning', 'too-precise', 'price', 'Price']]],
  ])('a decimal of scale %s for one of %d', async (scale, has, expected) => {
    const type = typed('Visit', field('Price', 'decimal', { scale: has }))
    const price = { field: 'Price', kind: 'decimal' as const, ...(scale !== undefined && { scale }) }
    expect(await found([type], { price })).toEqual(expected)
  })

  test('values that only one side has: what is written must be there, what comes is set aside', async () => {
    const type = typed('Visit', field('Stage', 'enum', { values: ['New', 'Closed', 'Lost'] }))
    const table = (done: string) => ({
      status: { field: 'Stage', kind: 'enum' as const, values: { open: 'New', done } },
    })
    expect(await found([type], table('Closed'))).toEqual([['warning', 'missing-value', 'status', 'Stage']])
    const { findings } = await check([type], table('Done'))
    expect(findings.map(({ message }) => message)).toEqual([
      "'Stage' does not take Done; it takes New, Closed, Lost",
      "'Stage' may be Closed, Lost, which the table does not have: such rows are set aside",
    ])
    expect(await found([type], { status: 'Stage' })).toEqual([
      ['error', 'missing-value', 'status', 'Stage'],
      ['warning', 'missing-value', 'status', 'Stage'],
    ])
  })
})

describe('B-173 MAP-5: what a row cannot be without', () => {
  const type = typed('Visit', field('Title', 'text'), field('Price', 'text', { required: true }))

  test.each([
    ['nothing fills it', { title: 'Title' }, {}, [['error', 'unfilled', undefined, 'Price']]],
    ['what fills it may be empty', { price: 'Price' }, {}, [['warning', 'unfilled', undefined, 'Price']]],
    ['a field that every record has', { title: 'Price' }, {}, []],
    ['a default', { title: 'Title' }, { rowDefaults: { Price: '0' } }, []],
    ['nothing is written', { title: 'Title' }, { direction: 'in' as const }, []],
    [
      'it is read alone',
      { title: { field: 'Price', direction: 'in' as const }, notes: 'Title' },
      {},
      [['error', 'unfilled', undefined, 'Price']],
    ],
  ])('%s', async (_, fields, more, expected) => {
    expect(await found([type], fields, more)).toEqual(expected)
  })
})

describe('B-174: what cannot be checked', () => {
  test('an adapter without a schema says so', async () => {
    const { adapter } = { adapter: new MemorySystem().adapter() }
    const mappings = [{ collection: 'visits', type: 'Visit', fields: { title: 'Title' } }]
    expect(await checkBridge({ collections, adapter, mappings })).toEqual({
      isUndescribed: true,
      findings: [],
      proposals: [],
    })
  })

  test('a system that does not answer is told as that, and nothing is found', async () => {
    const failure = { kind: 'unauthorized', reason: 'who are you' } as const
    const adapter: Adapter = { ...new MemorySystem({ types: [] }).adapter(), check: async () => failure }
    const mappings = [{ collection: 'visits', type: 'Visit', fields: { title: 'Title' } }]
    expect(await checkBridge({ collections, adapter, mappings })).toMatchObject({ failure, findings: [] })
  })

  test('nothing is written, and no row is read', async () => {
    const system = new MemorySystem({ types: [typed('Visit', field('Title', 'text'))] })
    const mappings = [{ collection: 'visits', type: 'Visit', fields: { title: 'Title' } }]
    await checkBridge({ collections, adapter: system.adapter(), mappings, proposeTypes: true })
    expect(system.ledger).toEqual([])
  })
})

describe('B-171 B-172: what is bridged as a hash', () => {
  test.each([
    [field('Hash', 'text', { lengthMax: 64 }), []],
    [field('Hash', 'text', { lengthMax: 40 }), ['too-long']],
    [field('Hash', 'integer'), ['wrong-kind']],
  ])('is a text of 64 digits: %j', async (hash, expected) => {
    const adapter = new MemorySystem({ types: [typed('Visit', hash)] }).adapter()
    const fields = { price: { field: 'Hash', hashed: true } }
    const mappings = [{ collection: 'visits', type: 'Visit', fields }]
    const hashKey = 'a key that nobody guesses'
    const { findings } = await checkBridge({ collections, adapter, mappings, hashKey })
    expect(findings.map(({ code }) => code)).toEqual(expected)
  })
})

describe('B-175 AI-1 MAP-9: proposals', () => {
  test('name nothing that is never bridged', async () => {
    const type = typed('Visit', field('Title', 'text'), field('Price', 'text'), field('Status', 'text'))
    const adapter = new MemorySystem({ types: [type] }).adapter()
    const never = { record: ['price'], row: ['Status'] }
    const mappings = [{ collection: 'visits', type: 'Visit', fields: { title: 'Title' }, never }]
    expect((await checkBridge({ collections, adapter, mappings })).proposals).toEqual([])
    const without = mappings.map(({ never: _, ...mapping }) => mapping)
    const { proposals } = await checkBridge({ collections, adapter, mappings: without })
    expect(proposals[0]!.fields.map((one) => one.field).sort()).toEqual(['price', 'status'])
  })

  const visit = typed(
    'Visit__c',
    field('Visit_Title__c', 'text'),
    field('Status__c', 'enum', { values: ['open', 'done'] }),
    field('Price__c', 'decimal', { scale: 2 }),
    field('Day__c', 'date'),
    field('Notes__c', 'integer'),
    field('Count__c', 'integer', { writable: false }),
  )
  const account = typed('Account', field('Name', 'text'), field('Site', 'text'))

  test('for a collection that is not mapped, the type that is most alike, as YAML that can be pasted', async () => {
    const adapter = new MemorySystem({ types: [account, visit] }).adapter()
    const mappings = [{ collection: 'sites', type: 'Account', fields: { name: 'Name' } }]
    const { proposals } = await checkBridge({ collections, adapter, mappings, proposeTypes: true })
    expect(asYaml(proposals)).toBe(`\
  - collection: visits # 1.00
    type: Visit__c
    fields:
      count: { field: Count__c, direction: in } # 1.00
      day: { field: Day__c, kind: date } # 1.00
      price: { field: Price__c, kind: decimal, scale: 2 } # 1.00
      status: Status__c # 1.00
      title: Visit_Title__c # 0.67`)
    const pasted = parseMappings(`mappings:\n${asYaml(proposals)}`, 'pasted.yaml')
    const { findings } = await checkBridge({ collections, adapter, mappings: pasted })
    expect(findings.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('for one that is mapped, the fields that neither side has mapped', async () => {
    const { proposals } = await check([typed('Visit', ...visit.fields)], {
      title: 'Visit_Title__c',
      price: 'Price__c',
    })
    expect(proposals).toMatchObject([
      { isMapped: true, fields: [{ field: 'count' }, { field: 'day' }, { field: 'status' }] },
    ])
  })

  test('nothing for names that are like each other by chance, nor for kinds that do not fit', async () => {
    const strange = typed('Visit', field('Xyz', 'text'), field('Tags', 'text'), field('Title', 'integer'))
    const { proposals } = await check([strange], { notes: 'Xyz' })
    expect(proposals).toEqual([])
  })
})
