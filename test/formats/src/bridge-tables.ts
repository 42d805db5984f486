/** Rows that a bridge keeps, as packages/bridge/TABLES.md has them; those that one system and a few records lead to. */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { Fields } from './fields.ts'
import { exactly, jsonIn, textIn } from './json.ts'

interface BridgeFormat {
  key: RegExp
  value(bytes: Uint8Array): unknown
}

const json = (fields: Fields): unknown => jsonIn(fields.bytes())

export function readShadow(bytes: Uint8Array) {
  const content = bytes.subarray(0, -4)
  if (Buffer.from(bytes.subarray(-4)).readUInt32LE() !== crc32(content))
    throw new Error('a shadow is damaged')
  const fields = new Fields(content)
  const [format, flags] = [fields.u8(), fields.u8()]
  if (format !== 1 || flags > 1) throw new Error(`format ${format}, flags ${flags}`)
  return fields.done({
    isDeleted: flags === 1,
    type: fields.string(),
    rowId: fields.string(),
    externalId: fields.string(),
    version: fields.string(),
    incarnation: fields.varint(),
    value: json(fields),
    view: json(fields),
    heads: fields.list(() => fields.hex(32)),
    sequences: Object.fromEntries(fields.list(() => [fields.hex(17), fields.varint()])),
    owed: fields.list(() => fields.string()),
    document: fields.bytes(),
  })
}

const timed = ['dueAt', 'attempts']
const perhaps = ['since', 'tier', 'conflicts']
const made = ['wish', 'type', 'externalId', 'expectedVersion', 'idempotencyKey']
const from = ['heads', 'view', 'seqs', 'incarnation']
const members: Readonly<Record<string, readonly [always: string[], perhaps: string[]]>> = {
  waiting: [timed, [...perhaps, 'kind', 'type', 'seqs', 'deferred', 'approved', 'tried']],
  parked: [['parents', 'reason'], []],
  begun: [
    [...timed, ...made, ...from],
    [...perhaps, 'rowId', 'begunAt', 'company'],
  ],
  dead: [['wish', 'reason', 'fields', 'seqs', 'at'], []],
}

export interface ReadItem {
  state: string
  wish?: { action: string; fields?: object }
  reason?: string
}

export function readOutboxItem(bytes: Uint8Array) {
  const fields = new Fields(bytes)
  if (fields.u8() !== 1) throw new Error('an unknown format')
  const said = json(fields) as ReadItem
  const [always, sometimes] = members[said.state] ?? []
  const item = exactly<ReadItem>(said, ['state', ...(always ?? ['an unknown state'])], sometimes)
  return fields.done({ item, document: fields.bytes() })
}

/** By kind of an audit entry. */
const told: Readonly<Record<string, readonly [always: string[], perhaps: string[]]>> = {
  noticed: [['record', 'type', 'action', 'fields', 'seqs'], ['waitsFor']],
  begun: [
    ['record', 'type', 'action', 'fields', 'expectedVersion', 'key', 'heads', 'seqs', 'values'],
    ['rowId'],
  ],
  answered: [
    ['record', 'type', 'key', 'answer', 'attempts'],
    ['rowId', 'version', 'blamed', 'reason'],
  ],
  taken: [
    ['record', 'type', 'rowId', 'version', 'fields', 'heads', 'values'],
    ['by', 'modifiedAt', 'made', 'deleted', 'recordDeleted', 'decidedBy', 'via'],
  ],
  echo: [['record', 'type', 'rowId', 'version'], []],
  unchanged: [['record', 'type', 'rowId', 'version'], []],
  told: [
    ['record', 'outcome', 'fields', 'seqs'],
    ['rule', 'reason', 'values'],
  ],
  decided: [['record', 'field', 'decision', 'by'], ['values']],
  approved: [['record', 'by'], []],
  refused: [['record', 'by'], []],
  retried: [['record', 'by'], []],
  paired: [['record', 'type', 'rowId', 'answer', 'by'], []],
  merged: [['record', 'other', 'as', 'by'], ['values']],
  aside: [['type', 'rowId', 'version', 'reason'], []],
  erased: [
    ['record', 'by'],
    ['type', 'rowId'],
  ],
  cut: [['upTo', 'hash', 'by'], []],
  started: [['mappings'], []],
  stopped: [['mappings'], []],
}

export interface ReadEntry {
  n: number
  prev: string
  kind: string
  record?: string
  type?: string
  rowId?: string
  salt?: string
  values?: Record<string, Record<string, string | null>>
  reason?: string
  upTo?: number
  hash?: string
}

export function readAuditEntry(bytes: Uint8Array): ReadEntry {
  const said = jsonIn(bytes) as ReadEntry
  const [always, perhaps] = told[said.kind] ?? [['an unknown kind'], []]
  const entry = exactly<ReadEntry>(said, ['n', 'at', 'prev', 'kind', ...always], ['salt', ...perhaps])
  const { salt = null, reason = null, values = {} } = entry
  const hashes = [salt, reason, ...Object.values(values).flatMap((sides) => Object.values(sides))]
  for (const hash of hashes)
    if (hash !== null && !/^[0-9a-f]{32}$/.test(hash)) throw new Error(`${hash} is no hash`)
  return entry
}

export function subjectOf({ record, type, rowId }: ReadEntry): string {
  return record ?? `${type}\n${rowId}`
}

export interface ReadValues {
  values?: Record<string, Record<string, unknown>>
  reason?: string
}

function readValues(bytes: Uint8Array): ReadValues {
  const kept = exactly<ReadValues>(jsonIn(bytes), [], ['values', 'reason'])
  for (const sides of Object.values(kept.values ?? {})) exactly(sides, [], Object.keys(sides))
  return kept
}

/** As an entry has a value. */
export function hashOf(salt: Uint8Array, name: string, value: unknown): string | null {
  if (value === null) return null
  const text = `${JSON.stringify(name)}${JSON.stringify(ordered(value))}`
  return createHash('sha256').update(salt).update(text, 'utf8').digest('hex').slice(0, 32)
}

export function markOf(salt: Uint8Array): string {
  return createHash('sha256').update(salt).digest('hex').slice(0, 32)
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members.map(([name, inner]) => [name, ordered(inner)]))
}

function readHead(bytes: Uint8Array): { n: number; hash: string } {
  const head = exactly<{ n: number; hash: string }>(jsonIn(bytes), ['n', 'hash'])
  if (!Number.isSafeInteger(head.n) || !/^[0-9a-f]{64}$/.test(head.hash)) throw new Error('it is no head')
  return head
}

interface ReadSchema {
  format: number
  config: string
  fits?: { at: number; fields: Record<string, unknown> }
  paused?: { since: number; reasons: unknown[]; lacking?: unknown }
}

function readSchema(bytes: Uint8Array): ReadSchema {
  const seen = exactly<ReadSchema>(jsonIn(bytes), ['format', 'config'], ['fits', 'paused'])
  if (seen.format !== 1) throw new Error(`format ${seen.format}`)
  if (!/^[0-9a-f]{64}$/.test(seen.config)) throw new Error('a configuration without its hash')
  const { fits, paused } = seen
  if (fits) {
    exactly(fits, ['at', 'fields'])
    for (const field of Object.values(fits.fields)) exactly(field, ['kind', 'writable'])
  }
  if (!paused) return seen
  exactly(paused, ['since', 'reasons'], ['lacking'])
  for (const reason of paused.reasons)
    exactly(reason, ['level', 'code', 'collection', 'type', 'message'], ['field', 'external'])
  if (paused.lacking) exactly(paused.lacking, ['row', 'field'])
  return seen
}

function readPrivacy(bytes: Uint8Array): Record<string, string[]> {
  const policy = jsonIn(bytes) as Record<string, string[]>
  for (const [mapping, paths] of Object.entries(policy))
    if (!keyed(part, part).test(mapping) || !paths.every((path) => typeof path === 'string'))
      throw new Error(`${mapping} is no mapping`)
  return policy
}

const report = [
  'type',
  'cause',
  'dryRun',
  'startedAt',
  'endedAt',
  'listed',
  'read',
  'calls',
  'rows',
  'absent',
]
const walk = ['phase', 'part', 'pages', 'proves', 'startSeq', 'acceptDeletions', 'report']
const part = '[^\\n]+'
const keyed = (...parts: string[]) => new RegExp(`^${parts.join('\\n')}$`)

export const bridgeTables: Readonly<Record<string, BridgeFormat>> = {
  shadow: { key: keyed(part), value: readShadow },
  outbox: { key: keyed(part), value: readOutboxItem },
  links: { key: keyed('[ie]', part, part), value: textIn },
  position: { key: keyed(part), value: textIn },
  unread: { key: keyed(part, part), value: (bytes) => exactly(jsonIn(bytes), ['version', 'reason']) },
  hints: {
    key: keyed(part, part),
    value: (bytes) => exactly(jsonIn(bytes), ['type', 'id'], ['externalId', 'version', 'stamp']),
  },
  walks: {
    key: keyed(part),
    value: (bytes) => exactly(jsonIn(bytes), walk, ['startedAt', 'position', 'again']),
  },
  listed: {
    key: keyed(part, '\\d{9}'),
    value: (bytes) => {
      if (bytes.length % 8 !== 0) throw new Error(`${bytes.length} bytes are no whole hashes`)
      return [...new Float64Array(Uint8Array.from(bytes).buffer)]
    },
  },
  reports: { key: keyed(part), value: (bytes) => exactly(jsonIn(bytes), [...report, 'records', 'drift']) },
  reviews: {
    key: keyed(part),
    value: (bytes) => {
      const said = exactly<{ format: number }>(jsonIn(bytes), ['format', 'fields'], ['whole'])
      if (said.format !== 1) throw new Error(`format ${said.format}`)
      return said
    },
  },
  conflicts: {
    key: keyed(part, '[^\\n]*', part, part),
    value: (bytes) => exactly(jsonIn(bytes), ['count', 'firstAt', 'lastAt', 'days']),
  },
  audit: { key: keyed('\\d{15}'), value: readAuditEntry },
  'audit-of': { key: keyed(part, '(?:[^\\n]+\\n)?\\d{15}'), value: presentIn },
  'audit-salts': {
    key: keyed('[^\\n]+(?:\\n[^\\n]+)?'),
    value: (bytes) => {
      if (bytes.length !== 16) throw new Error(`a salt has ${bytes.length} bytes`)
      return Buffer.from(bytes).toString('hex')
    },
  },
  'audit-values': { key: keyed(part, '(?:[^\\n]+\\n)?\\d{15}'), value: readValues },
  'audit-head': { key: keyed('head'), value: readHead },
  'audit-seal': { key: keyed('head'), value: readHead },
  'audit-echoes': { key: keyed(part), value: presentIn },
  privacy: { key: keyed('withheld'), value: readPrivacy },
  schema: { key: keyed(part, part), value: readSchema },
}

function presentIn(bytes: Uint8Array): number {
  if (bytes.length !== 1 || bytes[0] !== 1) throw new Error('want 01')
  return 1
}
