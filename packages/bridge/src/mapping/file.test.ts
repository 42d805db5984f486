import { readFileSync } from 'node:fs'
import { type BridgeError, type MappingFile, mappingFileJsonSchema, parseMappings } from '@skerry/bridge'
import { collection } from '@skerry/core'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { MAPPING_FILE_LENGTH_MAX, TABLE_VALUES_MAX } from '../limits.ts'
import { makeMappings } from '../mapping.ts'

const jobs = collection(
  'jobs',
  z.object({
    title: z.string(),
    status: z.string().optional(),
    site: z.string().optional(),
    hours: z.number().optional(),
    tags: z.array(z.string()).optional(),
    address: z.object({ city: z.string().optional() }).optional(),
  }),
)
const collections = new Map([['jobs', jobs]])

/** What is said of a file, line by line. */
function said(text: string): string[] {
  try {
    makeMappings(parseMappings(text, 'crm.yaml'), collections, 'crm')
  } catch (error) {
    expect(error).toMatchObject({ code: 'bridge-config' })
    return (error as BridgeError).message.split('\n')
  }
  return []
}

/** One mapping, with these lines under it. */
const mapping = (lines: string) =>
  `mappings:\n  - collection: jobs\n    type: cases\n    fields:\n      title: Title\n${lines
    .split('\n')
    .map((line) => `    ${line}\n`)
    .join('')}`

test('MAP-1 MAP-9: a mapping is a file and needs no code', () => {
  const file: MappingFile = parseMappings(
    mapping(
      'groups:\n  - record: [status, site]\n    row: [Kind]\n    direction: out\n    to: \'{ "Kind": status & site }\'\nfilter:\n  out: status != "draft"',
    ),
    'crm.yaml',
  )
  expect(file).toMatchObject({
    file: 'crm.yaml',
    mappings: [{ collection: 'jobs', fields: { title: 'Title' } }],
  })
  const [made] = makeMappings(file, collections, 'crm')
  expect(made?.writes({ title: 'a', status: 'draft' })).toBe(false)
  expect(made?.fields.map(({ name, external }) => [name, external])).toEqual([
    ['title', 'Title'],
    ['status + site', 'Kind'],
  ])
})

test('MAP-1 MAP-7: rules, authority, tiers, matching and merging stand in a file as in code', () => {
  const text = mapping(
    [
      '  hours: { field: H, rule: sum }',
      '  status: { field: S, authority: [erp, crm], urgent: true }',
      '  address.city: { field: City, authority: that }',
      'groups:',
      '  - { record: [site], row: [A], to: $, from: $, rule: review }',
      'tier: analytical',
      'deletes: review',
      'match: [{ how: scored, fields: { title: 2, address.city: 1 }, sure: 0.9, doubtful: 0.5 }]',
      'merge: { fields: { title: longest }, other: { mark: { status: merged } } }',
    ].join('\n'),
  )
  const [made] = makeMappings(parseMappings(text, 'crm.yaml'), collections, 'crm')
  expect(made).toMatchObject({
    tier: 'analytical',
    deletes: 'review',
    hasCritical: true,
    hasAuthority: true,
    mayHold: true,
    match: [{ how: 'scored', sure: 0.9 }],
    merge: { fields: { title: 'longest' }, other: { mark: { status: 'merged' } } },
  })
  expect(
    made?.fields.map(({ name, rule, authority, direction }) => [name, rule, authority, direction]),
  ).toEqual([
    ['title', 'last-writer', undefined, 'both'],
    ['hours', 'sum', undefined, 'both'],
    ['status', 'last-writer', ['erp', 'crm'], 'both'],
    ['address.city', 'last-writer', 'that', 'in'],
    ['site', 'review', undefined, 'both'],
  ])
})

test('JSON is a file like any other', () => {
  const text = JSON.stringify(
    { mappings: [{ collection: 'jobs', type: 'cases', fields: { title: 'Title' } }] },
    null,
    2,
  )
  expect(said(text)).toEqual([])
  expect(said(text.replace('"Title"', '5'))).toEqual([
    "crm.yaml:7:18: mappings.0.fields.title: want the external field's name, or { field, … }; it is 5",
  ])
})

describe('MAP-5 B-78: an error says file, line and column, what is there, and what was probably meant', () => {
  test.each<[what: string, text: string, line: string]>([
    ['broken YAML', 'mappings:\n  - collection: "jobs', 'crm.yaml:2:22: Missing closing "quote'],
    ['a key twice', mapping('type: others'), 'crm.yaml:6:5: Map keys must be unique'],
    [
      'an unknown key',
      mapping('feilds: 5'),
      "crm.yaml:6:5: unknown key 'mappings.0.feilds'; did you mean 'fields'?",
    ],
    [
      'an unknown key of a field',
      mapping('  status: { field: Status, knid: text }'),
      "crm.yaml:6:32: unknown key 'mappings.0.fields.status.knid'; did you mean 'kind'?",
    ],
    [
      'an unknown rule',
      mapping('  status: { field: S, rule: last-write }'),
      "crm.yaml:6:33: mappings.0.fields.status.rule: 'last-write' does not stand here; did you mean 'last-writer'?",
    ],
    [
      'what is missing',
      'mappings:\n  - type: cases\n    fields: { title: T }',
      'crm.yaml:2:5: mappings.0.collection is missing',
    ],
    ['no mappings', 'mappings: []', 'crm.yaml:1:11: mappings: Too small'],
    ['nothing at all', '', 'crm.yaml:1:1: config'],
    [
      'an unknown collection',
      mapping('').replace('jobs', 'job'),
      "crm.yaml:2:17: mappings.0.collection: there is no collection 'job' in this replica; did you mean 'jobs'?",
    ],
    [
      'an unknown field',
      mapping('  titel: T'),
      "crm.yaml:6:7: mappings.0.fields.titel: 'titel' is no field of jobs; did you mean 'title'?",
    ],
    [
      'an unknown field of an object',
      mapping('  address.town: T'),
      "crm.yaml:6:7: mappings.0.fields.address.town: 'town' is no field of jobs.address; there is city",
    ],
    [
      'a path into what has no fields',
      mapping('  status.code: T'),
      'mappings.0.fields.status.code: jobs.status is a scalar, and a path cannot lead into it',
    ],
    [
      'a path with an empty name',
      mapping('  status: A..B'),
      "crm.yaml:6:15: mappings.0.fields.status: 'A..B' has an empty name between its dots",
    ],
    [
      'an expression',
      mapping('  status: { field: S, to: $now() }'),
      'crm.yaml:6:31: mappings.0.fields.status.to: the expression at column 4: $now cannot be used in a mapping: it reads the clock',
    ],
    [
      'an expression of a filter',
      mapping('filter: { out: "status =" }'),
      'crm.yaml:6:20: mappings.0.filter.out: the expression at column',
    ],
    [
      'a kind and a function',
      mapping('  status: { field: S, kind: text, to: $ }'),
      "crm.yaml:6:39: mappings.0.fields.status.to: it cannot stand beside 'kind'; choose one",
    ],
    [
      'a form that the kind has not',
      mapping('  status: { field: S, kind: decimal, as: seconds }'),
      "crm.yaml:6:46: mappings.0.fields.status.as: decimal has no form 'seconds'; there is number",
    ],
    [
      'a scale of no decimal',
      mapping('  status: { field: S, kind: text, scale: 2 }'),
      'crm.yaml:6:39: mappings.0.fields.status.scale: it belongs to the kind decimal, and this is text',
    ],
    [
      'values without a kind',
      mapping('  status: { field: S, values: { a: b } }'),
      "crm.yaml:6:27: mappings.0.fields.status.values: it belongs to a 'kind', and there is none",
    ],
    [
      'a boolean with other values',
      mapping('  status: { field: S, kind: boolean, values: { yes: 1 } }'),
      'a boolean has the values true and false, not yes',
    ],
    ['an empty table', mapping('  status: { field: S, kind: enum, values: {} }'), 'wants at least one value'],
    [
      'a reference to what is not mapped',
      mapping('  site: { field: S, reference: sites }'),
      "crm.yaml:6:36: mappings.0.fields.site.reference: no mapping of this bridge is of the collection 'sites'; there is jobs",
    ],
    [
      'a reference in a list',
      mapping('  tags: { field: S, reference: jobs }'),
      'a reference is a scalar that holds an id, and this field is a list',
    ],
    [
      'by without a reference',
      mapping('  site: { field: S, by: rowId }'),
      "it belongs to a 'reference', and there is none",
    ],
    [
      'a merge of scalars',
      mapping('  status: { field: S, rule: merge }'),
      "mappings.0.fields.status.rule: 'status' is a string, and merge cannot decide it; choose last-writer, this-side",
    ],
    [
      'an unknown rule',
      mapping('  status: { field: S, rule: lats-writer }'),
      "crm.yaml:6:33: mappings.0.fields.status.rule: 'lats-writer' does not stand here; did you mean 'last-writer'?",
    ],
    [
      'a list of systems that names one twice',
      mapping('  status: { field: S, authority: [crm, crm] }'),
      "crm.yaml:6:38: mappings.0.fields.status.authority: want 'this', 'that', or a list of systems, the highest first, each once",
    ],
    [
      'a list of systems for a group',
      mapping('groups:\n  - { record: [status], row: [A], to: $, from: $, authority: [crm] }'),
      'mappings.0.groups.0.authority',
    ],
    [
      'urgent edits that wait for approval',
      mapping('  status: { field: S, urgent: true }\ntier: reference'),
      "crm.yaml:7:11: mappings.0.tier: 'status' is urgent, but writes of the tier 'reference' wait for approval",
    ],
    [
      'matching by what is not mapped',
      mapping('match: [{ how: exact, fields: [titel] }]'),
      "crm.yaml:6:12: mappings.0.match: 'titel' is no mapped field; did you mean 'title'?",
    ],
    [
      'merging by what is not mapped',
      mapping('merge: { fields: { site: longest } }'),
      "mappings.0.merge: 'site' is no mapped field; there is title",
    ],
    [
      'an unknown survivorship',
      mapping('merge: { fields: { title: longst } }'),
      "mappings.0.merge.fields.title: 'longst' does not stand here; did you mean 'longest'?",
    ],
    [
      'two that write one field there',
      mapping('  status: Title'),
      "crm.yaml:6:7: mappings.0.fields.status: the external field 'Title' stands for two fields that are written, title and status",
    ],
    ['one that writes within another', mapping('  status: Title.Text'), "'Title.Text' stands for two fields"],
    [
      'two that write one field here',
      mapping('groups:\n  - { record: [title], row: [A], from: $, to: $ }'),
      "the field 'title' is taken from two external fields, Title and A",
    ],
    [
      'a group without a way out',
      mapping('groups:\n  - { record: [status], row: [A], from: $ }'),
      "mappings.0.groups.0: it is written, so it wants 'to'",
    ],
    [
      'a direction that does nothing',
      mapping('  status: { field: S, direction: out }\ndirection: in'),
      "'out' in a mapping of direction 'in' would do nothing",
    ],
    [
      'a default of no field',
      mapping('defaults: { statsu: open }'),
      "crm.yaml:6:17: mappings.0.defaults.statsu: 'statsu' is no field of jobs; did you mean 'status'?",
    ],
    [
      'an unknown mode',
      mapping('mode: on-demnad'),
      "crm.yaml:6:11: mappings.0.mode: 'on-demnad' does not stand here; did you mean 'on-demand'?",
    ],
    [
      'a misspelt quiet period',
      mapping('mode: { quietMS: 5 }'),
      "crm.yaml:6:13: unknown key 'mappings.0.mode.quietMS'; did you mean 'quietMs'?",
    ],
    [
      'a ceiling below the quiet period',
      mapping('mode: { quietMs: 50, ceilingMs: 5 }'),
      'mappings.0.mode.ceilingMs: it is 5, less than quietMs, 50',
    ],
    [
      'a schedule',
      mapping('mode: { cron: "every day" }'),
      "crm.yaml:6:19: mappings.0.mode.cron: 'every day' is no schedule; want five fields",
    ],
    ['a schedule that never comes', mapping('mode: { cron: "0 0 30 2 *" }'), "'0 0 30 2 *' never comes"],
    ['a zone', mapping('mode: { cron: "0 2 * * *", zone: Mars/Olympus }'), "'0 2 * * *' in Mars/Olympus: "],
    [
      'collecting beside a mode',
      mapping('mode: on-demand\ncollectMs: 5'),
      "mappings.0.collectMs: it belongs to the mode 'at-once'",
    ],
  ])('%s', (_, text, line) => {
    expect(said(text).join('\n')).toContain(line)
  })

  test('all that is wrong is said at once', () => {
    const lines = said(
      mapping('  titel: T\n  status: { field: S, kind: text, scale: 2 }\ndefaults: { x: 1 }'),
    )
    expect(lines.map((line) => line.slice(0, 14))).toEqual([
      'crm.yaml:6:7: ',
      'crm.yaml:7:39:',
      'crm.yaml:8:17:',
    ])
  })
})

describe('ceilings', () => {
  test('a file, and a table, of the largest size is taken', () => {
    const comment = '#'.repeat(MAPPING_FILE_LENGTH_MAX - mapping('').length)
    expect(said(mapping('') + comment)).toEqual([])
    expect(said(`${mapping('')}${comment}#`).join()).toContain(`limit ${MAPPING_FILE_LENGTH_MAX}`)
    const table = (size: number) =>
      mapping(
        `  status: { field: S, kind: enum, values: { ${Array.from({ length: size }, (_, i) => `a${i}: b${i}`).join(', ')} } }`,
      )
    expect(said(table(TABLE_VALUES_MAX))).toEqual([])
    expect(said(table(TABLE_VALUES_MAX + 1)).join()).toContain(`at most ${TABLE_VALUES_MAX} values`)
  })

  test('a file that unfolds into a huge one is refused', () => {
    const bomb = [
      'a0: &a0 [x, x]',
      ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`),
    ]
    expect(said(bomb.join('\n')).join()).toContain('crm.yaml: Excessive alias count')
  })
})

test('what does not come back as it went is a warning, and no error', () => {
  const file = parseMappings(
    mapping('  status: { field: S, kind: enum, values: { open: New, waiting: New } }'),
    'crm.yaml',
  )
  expect(makeMappings(file, collections, 'crm')[0]?.warnings).toEqual([
    'mapping jobs ↔ cases: status does not come back as it went: "waiting" is written as "New" and comes back as "open"',
  ])
})

test('MAP-6: the form of the file is a JSON Schema that editors know', () => {
  const kept = JSON.parse(readFileSync(new URL('../../mapping.schema.json', import.meta.url), 'utf8'))
  expect(kept).toEqual(JSON.parse(JSON.stringify(mappingFileJsonSchema())))
  expect(kept).toMatchObject({ type: 'object', required: ['mappings'], additionalProperties: false })
})
