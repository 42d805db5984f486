/** Rows that a bridge keeps, as packages/bridge/SPEC.md has them; those that one system and two records lead to. */
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
  aside: [['type', 'rowId', 'version', 'reason'], []],
  started: [['mappings'], []],
}

export interface ReadEntry {
  n: number
  prev: string
  kind: string
  values?: Record<string, Record<string, string | null>>
}

export function readAuditEntry(bytes: Uint8Array): ReadEntry {
  const said = jsonIn(bytes) as ReadEntry
  const [always, perhaps] = told[said.kind] ?? [['an unknown kind'], []]
  const entry = exactly<ReadEntry>(said, ['n', 'at', 'prev', 'kind', ...always], perhaps)
  for (const hash of Object.values(entry.values ?? {}).flatMap((sides) => Object.values(sides)))
    if (hash !== null && !/^[0-9a-f]{32}$/.test(hash)) throw new Error(`${hash} is no hash`)
  return entry
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
  'audit-head': { key: keyed('head'), value: (bytes) => exactly(jsonIn(bytes), ['n', 'hash']) },
  'audit-echoes': { key: keyed(part), value: presentIn },
}

function presentIn(bytes: Uint8Array): number {
  if (bytes.length !== 1 || bytes[0] !== 1) throw new Error('want 01')
  return 1
}
