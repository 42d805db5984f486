/** Rows of the key-value tables, as packages/core/src/replica/TABLES.md and packages/streams/src/SPEC.md have them. */
import { readProof, readReceipt } from './bodies.ts'
import { readEntry } from './entry.ts'
import { Fields } from './fields.ts'
import { readViews } from './frame.ts'
import { decimalIn, exactly, jsonIn, textIn } from './json.ts'
import { readHeader } from './segment.ts'

interface TableFormat {
  key: RegExp
  /** `key`: the parts of the key. */
  value(bytes: Uint8Array, key: Record<string, string>): unknown
}

const RUN = '[0-9a-f]{32}'
const HASH = '[0-9a-f]{64}'
const ACTOR = '[0-9a-f]{34}'
/** A record key has no line break. */
const RECORD = '(?<record>[^\\n]+)'
const whole = (pattern: string) => new RegExp(`^${pattern}$`, 's')

function nothing(bytes: Uint8Array): undefined {
  if (bytes.length > 0) throw new Error(`${bytes.length} bytes where none stand`)
}

function present(bytes: Uint8Array): true {
  if (bytes.length !== 1 || bytes[0] !== 1) throw new Error('not the byte 1')
  return true
}

function matching(pattern: string, text: unknown): string {
  if (typeof text !== 'string' || !whole(pattern).test(text)) throw new Error(`'${text}' is no ${pattern}`)
  return text
}

function whole0(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Error(`${value} is no whole number`)
  return value as number
}

function position(bytes: Uint8Array) {
  const { run, seq } = exactly<{ run: string; seq: number }>(jsonIn(bytes), ['run', 'seq'])
  return { run: matching(`${RUN}|`, run), seq: whole0(seq) }
}

function credential(bytes: Uint8Array) {
  const said = exactly<Record<string, string>>(jsonIn(bytes), [
    ...['hash', 'token', 'space', 'subject', 'publicKey', 'role', 'read', 'write', 'systems', 'expiresAt'],
  ])
  matching(HASH, said.hash)
  matching(HASH, said.publicKey)
  return said
}

function names(value: unknown): string[] {
  if (!Array.isArray(value) || value.some((one) => typeof one !== 'string'))
    throw new Error('no list of names')
  return value
}

interface TakenBack {
  mends: object[]
  edits: object[]
  fields: Record<string, object>
  deleted: boolean
}

function takenBack(bytes: Uint8Array): TakenBack {
  const said = exactly<TakenBack>(jsonIn(bytes), ['mends', 'edits', 'fields', 'deleted'])
  for (const mend of said.mends) exactly(mend, ['actor', 'seq'])
  for (const edit of said.edits) exactly(edit, ['actor', 'since', 'seq'])
  for (const field of Object.values(said.fields)) exactly(field, ['was', 'became'], ['given'])
  return said
}

function quarantined(bytes: Uint8Array) {
  const members = ['record', 'code', 'reason', 'at']
  const said = exactly<{ harm?: object; answered?: number }>(jsonIn(bytes), members, ['harm', 'answered'])
  if (said.harm !== undefined) exactly(said.harm, ['code', 'reason', 'at'])
  return said
}

function sum(bytes: Uint8Array) {
  const fields = new Fields(bytes)
  return fields.done({ count: fields.varint(), sum: fields.raw(16) })
}

function parked(bytes: Uint8Array) {
  const fields = new Fields(bytes)
  return fields.done({
    node: matching(RUN, fields.string()),
    credential: matching(HASH, fields.string()),
    run: matching(RUN, fields.string()),
    seq: fields.varint(),
    at: fields.varint(),
    entry: readEntry(fields.bytes()),
  })
}

function counted(bytes: Uint8Array) {
  const fields = new Fields(bytes)
  const hasReceipts = fields.u8()
  if (hasReceipts > 1) throw new Error(`${hasReceipts} where 0 or 1 stands`)
  return fields.done({
    hasReceipts: hasReceipts === 1,
    since: fields.varint(),
    digest: fields.raw(16),
    channels: fields.list(() => fields.string()),
  })
}

function oneVarint(bytes: Uint8Array): number {
  const fields = new Fields(bytes)
  return fields.done(fields.varint())
}

function segmentRow(bytes: Uint8Array) {
  const fields = new Fields(bytes)
  const [seq, hash, rest] = [fields.varint(), fields.hex(32), fields.raw(fields.left)]
  const { header, length } = readHeader(rest)
  if (length !== rest.length) throw new Error('more than a header')
  return { seq, hash, header }
}

const totals = [
  'stream',
  'segments',
  'newestNumber',
  'readings',
  'measured',
  'firstMs',
  'newestMs',
  'spanMsMax',
]

const TREE = '(?<kind>[ro])(?<length>\\d+):(?<rest>.*)'

/** A digest key's parts; a channel's name may hold anything, and so has its length (UTF-16 code units) before it. */
export function treeOf(key: string): { kind: string; channel: string; name: string } {
  const { kind, length, rest } = whole(TREE).exec(key)!.groups!
  const channel = rest!.slice(0, Number(length))
  if (rest![channel.length] !== '/') throw new Error(`${key} has no such channel`)
  return { kind: kind!, channel, name: rest!.slice(channel.length + 1) }
}

function node(bytes: Uint8Array, { kind, length, rest }: Record<string, string>) {
  const { channel, name } = treeOf(`${kind}${length}:${rest}`)
  const [, digits, digitsOfName] = /^([023])\/([0-9a-f]*)$/.exec(name) ?? []
  if (digitsOfName?.length !== Number(digits)) throw new Error(`node ${name}`)
  return { channel, ...sum(bytes) }
}

function item(bytes: Uint8Array, { kind, length, rest }: Record<string, string>) {
  const { channel, name } = treeOf(`${kind}${length}:${rest}`)
  const [, hash, key] = /^([0-9a-f]{16})\/(.+)$/s.exec(name) ?? []
  if (key === undefined) throw new Error(`item ${name}`)
  const fields = new Fields(bytes)
  const digest = fields.raw(16)
  return fields.done({ channel, hash, key, digest, seq: kind === 'o' ? fields.varint() : undefined })
}

const state: Record<string, (bytes: Uint8Array) => unknown> = {
  format: decimalIn,
  forgotten: decimalIn,
  upkeep: position,
  proofs: (bytes) => {
    const total = exactly<{ count: number; bytes: number }>(jsonIn(bytes), ['count', 'bytes'])
    return { count: whole0(total.count), bytes: whole0(total.bytes) }
  },
  wiping: present,
}

const identity: Record<string, (bytes: Uint8Array) => unknown> = {
  key: (bytes) => matching(`${HASH} ${HASH}`, textIn(bytes)),
  credential,
  unsigned: present,
}

const answer = ['run', 'heard', 'at', 'seq']

export const tables: Readonly<Record<string, TableFormat>> = {
  identity: {
    key: whole('(?<name>key|credential|unsigned)'),
    value: (bytes, { name }) => identity[name!]!(bytes),
  },
  credentials: {
    key: whole(`(?<hash>${HASH})`),
    value: (bytes, { hash }) => {
      const said = credential(bytes)
      if (said.hash !== hash) throw new Error('under another hash')
      return said
    },
  },
  actors: {
    key: whole(ACTOR),
    value: (bytes) => {
      const bound = exactly<Record<string, string>>(jsonIn(bytes), ['publicKey', 'credential'])
      matching(`${HASH}|`, bound.publicKey)
      matching(HASH, bound.credential)
      return bound
    },
  },
  cursors: {
    key: whole(`${RUN}/(?<channel>.*)`),
    value: (bytes, { channel }) => {
      if (channel === '') return nothing(bytes)
      const cursor = exactly<{ run: string; seq: number; node: string }>(jsonIn(bytes), [
        'run',
        'seq',
        'node',
      ])
      return { run: matching(RUN, cursor.run), seq: whole0(cursor.seq), node: matching(RUN, cursor.node) }
    },
  },
  again: { key: whole(RUN), value: (bytes) => names(jsonIn(bytes)) },
  acknowledged: {
    key: whole(RUN),
    value: (bytes) =>
      (jsonIn(bytes) as unknown[]).map((one) => {
        const said = exactly<{ run: string; heard: string; at: number; seq: number }>(one, answer)
        matching(RUN, said.run)
        matching(RUN, said.heard)
        return { ...said, at: whole0(said.at), seq: whole0(said.seq) }
      }),
  },
  hub: {
    key: whole('(?<name>met|probe)'),
    value: (bytes, { name }) => (name === 'met' ? matching(RUN, textIn(bytes)) : decimalIn(bytes)),
  },
  leaving: { key: whole(RECORD), value: decimalIn },
  entered: { key: whole(RECORD), value: (bytes) => names(jsonIn(bytes)) },
  receipts: { key: whole(`${RECORD}\\n\\d{15}\\n[0-9a-f]{16}`), value: readReceipt },
  aside: {
    key: whole(`${RECORD}\\n\\d{15}`),
    value: (bytes) => exactly(jsonIn(bytes), ['key', 'record', 'code', 'reason', 'edits', 'at'], ['author']),
  },
  intents: {
    key: whole('\\d{15}'),
    value: (bytes) => exactly(jsonIn(bytes), ['record', 'version', 'at'], ['was', 'became']),
  },
  proofs: { key: whole(ACTOR), value: readProof },
  proven: {
    key: whole(HASH),
    value: (bytes) =>
      exactly(
        jsonIn(bytes),
        ['key', 'subject', 'role', 'record', 'actor', 'seq', 'at', 'kept'],
        ['liftedAt'],
      ),
  },
  deleted: { key: whole(RECORD), value: (bytes) => matching('\\d{15}\\n[^\\n]+', textIn(bytes)) },
  'deleted-due': { key: whole('\\d{15}\\n[^\\n]+'), value: decimalIn },
  leases: {
    key: whole('.+'),
    value: (bytes) => exactly(jsonIn(bytes), ['holder', 'subject', 'epoch', 'until', 'run', 'since']),
  },
  parked: { key: whole(`${RECORD}\\n[0-9a-f]{16}`), value: parked },
  'x:revoked': {
    key: whole(`(hash|key)/${HASH}`),
    value: (bytes) => exactly(jsonIn(bytes), [], ['kept', 'wiped']),
  },
  lost: {
    key: whole(`${RECORD}\\n\\d{15}`),
    value: (bytes) => exactly(jsonIn(bytes), ['record', 'seq', 'reason', 'at']),
  },
  'taken-back': {
    key: whole(RECORD),
    value: takenBack,
  },
  marked: { key: whole(`${RECORD}\\n(?<channel>.+)`), value: present },
  quarantined: {
    key: whole(RECORD),
    value: quarantined,
  },
  loading: { key: whole(RECORD), value: decimalIn },
  shipped: {
    key: whole('(page/(?<page>\\d{12})|gone/(?<record>.+))'),
    value: (bytes, { page }) => (page === undefined ? nothing(bytes) : readViews(bytes)),
  },
  views: {
    key: whole('[a-z][a-z0-9_]*'),
    value: (bytes) => {
      const { by, upTo } = exactly<{ by: string; upTo?: string }>(jsonIn(bytes), ['by'], ['upTo'])
      const [version, indexes] = JSON.parse(by) as [number, string[]]
      return { version: whole0(version), indexes: names(indexes), upTo }
    },
  },
  state: { key: whole('(?<name>.+)'), value: (bytes, { name }) => state[name!]!(bytes) },
  'digest-nodes': { key: whole(TREE), value: node },
  'digest-items': { key: whole(TREE), value: item },
  'digest-records': { key: whole(RECORD), value: counted },
  'digest-again': {
    key: whole(RECORD),
    value: (bytes) => {
      if (bytes.length !== 1) throw new Error(`${bytes.length} bytes where one stands`)
      return bytes[0]
    },
  },
  'digest-state': { key: whole('position'), value: oneVarint },
  'x:segments': { key: whole('[^\\n]+\\n\\d{10}'), value: segmentRow },
  'x:segments_by_time': { key: whole('[^\\n]+\\n\\d{16}\\n\\d{10}'), value: segmentRow },
  'x:streams': { key: whole('[^\\n]+'), value: (bytes) => exactly(jsonIn(bytes), totals) },
  'x:thresholds': {
    key: whole('[^\\n]+\\n[^\\n]+'),
    value: (bytes) =>
      exactly(jsonIn(bytes), ['segmentNumber', 'run', 'openId', 'newestOpeningMs'], ['newestMs']),
  },
  'x:followers': { key: whole('.+'), value: position },
}

export function readRow(table: string, key: string, value: Uint8Array): unknown {
  const format = tables[table]
  if (format === undefined) throw new Error(`table ${table} is in no page`)
  const parts = format.key.exec(key)
  if (parts === null) throw new Error(`key ${JSON.stringify(key)} of table ${table}`)
  return format.value(value, parts.groups ?? {})
}
