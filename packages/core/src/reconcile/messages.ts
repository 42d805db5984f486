/** The four messages of a reconciliation and their bytes (SPEC.md, section Encoding). */
import { fromHex, toHex } from '../bytes/hex.ts'
import type { ByteReader } from '../bytes/reader.ts'
import type { ByteWriter } from '../bytes/writer.ts'
import type { Sums } from '../digest/digest-reader.ts'
import {
  childrenOf,
  DIGEST_BYTES,
  emptySum,
  ITEM_HASH_BYTES,
  LEAF_DIGITS,
  type Sum,
  type Tree,
} from '../digest/tree.ts'
import { ACTOR_BYTES } from '../log/entry.ts'
import { readHex, writeCount, writeFixed, writeHex, writeText } from '../session/fields.ts'
import { CHANNEL_BYTES_MAX, ID_BYTES, RECORD_BYTES_MAX } from '../session/limits.ts'
import { ProtocolError } from '../session/port.ts'
import type { Seq } from '../store/port.ts'
import * as limit from './limits.ts'
import type { ToldState } from './port.ts'

/** A node of a tree; `tree` counts the trees named at the opening from 0. */
export interface NodeName {
  tree: number
  node: string
}

export interface Compare {
  /** Of the reconciliation; messages of an older one are passed over. */
  number: number
  /** Absent but at the opening, where `nodes` are the roots of these trees, in order. `granted`: answers to wants (GRANTED) that the asker had heard. */
  opening: { granted: number; trees: readonly Tree[]; seed: Uint8Array | undefined } | undefined
  nodes: readonly (NodeName & { sum: Sum })[]
}

export type Difference =
  | { kind: 'equal' }
  /** Of the nodes right below, by the digits that come behind the node's own name. */
  | { kind: 'sums'; sums: Sums }
  | { kind: 'items'; items: readonly ListedItem[] }
  /** The tree is not told to this peer. */
  | { kind: 'left-out' }
  /** More items than are listed. */
  | { kind: 'too-many' }

export interface ListedItem {
  hash: string
  digest: Uint8Array
}

export interface Differences {
  number: number
  /** Of the nodes asked, in order; those that are missing at the end are to be asked again. */
  answers: readonly Difference[]
}

export type AskedRecord =
  /** Only the other side has it. */
  { tree: number; hash: string } | { tree: number; key: string; state: ToldState }

export interface Ask {
  number: number
  records: readonly AskedRecord[]
  /** Absent: more will be asked. `beginning`: trees that are not to be compared but told from the beginning. */
  end: { beginning: readonly number[] } | undefined
}

export interface AnsweredRecord {
  /** Undefined: not in this channel there. */
  state: ToldState | undefined
  /** An entry of it is on its way in the ordinary stream, and may be why it differs. */
  underWay: boolean
}

export interface Answer {
  number: number
  /** Of the records asked with their keys, in order. */
  records: readonly AnsweredRecord[]
  /** After the end: up to where what was compared is told. */
  settled: { run: string; seq: Seq } | undefined
}

interface Codec<T> {
  write(writer: ByteWriter, message: T): void
  read(reader: ByteReader): T
}

const OPENING = 1
const SEEDED = 2
const kinds = ['equal', 'sums', 'items', 'left-out', 'too-many'] as const
const END = 1
const LACKED = 0
const HAD = 1
const ABSENT = 0
const LISTED = 1
const LARGE = 2
const UNDER_WAY = 4
const SETTLED = 1

export const compareCodec: Codec<Compare> = {
  write(writer, { number, opening, nodes }) {
    writer.varint(number)
    if (opening === undefined) writer.u8(0)
    else {
      writer.u8(opening.seed === undefined ? OPENING : OPENING | SEEDED)
      writer.varint(opening.granted)
      if (opening.seed !== undefined) writeFixed(writer, opening.seed, limit.SEED_BYTES, 'a seed')
      writeCount(writer, opening.trees.length, limit.TREES_MAX, 'trees')
      for (const [i, tree] of opening.trees.entries()) {
        writeTree(writer, tree)
        writeSum(writer, nodes[i]!.sum)
      }
      return
    }
    writeCount(writer, nodes.length, limit.NODES_PER_COMPARE_MAX, 'nodes')
    for (const { tree, node, sum } of nodes) {
      writer.varint(tree).u8(node.length).varint(Number.parseInt(node, 16))
      writeSum(writer, sum)
    }
  },
  read(reader) {
    const number = reader.varint()
    const flags = reader.varint(OPENING | SEEDED)
    if ((flags & OPENING) === 0) {
      if (flags !== 0) throw malformed('a seed stands only at an opening')
      const nodes = read(reader, limit.NODES_PER_COMPARE_MAX, () => ({
        ...readNode(reader),
        sum: readSum(reader),
      }))
      return { number, opening: undefined, nodes }
    }
    const granted = reader.varint()
    const seed = flags & SEEDED ? reader.raw(limit.SEED_BYTES).slice() : undefined
    const trees: Tree[] = []
    const nodes = read(reader, limit.TREES_MAX, (tree) => {
      trees.push(readTree(reader))
      return { tree, node: '', sum: readSum(reader) }
    })
    return { number, opening: { granted, trees, seed }, nodes }
  },
}

export const differencesCodec: Codec<Differences> = {
  write(writer, { number, answers }) {
    writer.varint(number)
    writeCount(writer, answers.length, limit.NODES_PER_COMPARE_MAX, 'answers')
    for (const answer of answers) {
      writer.u8(kinds.indexOf(answer.kind))
      if (answer.kind === 'sums') writeSums(writer, answer.sums)
      if (answer.kind === 'items') writeItems(writer, answer.items)
    }
  },
  read: (reader) => ({
    number: reader.varint(),
    answers: read(reader, limit.NODES_PER_COMPARE_MAX, (): Difference => {
      const kind = kinds[reader.varint(kinds.length - 1)]!
      if (kind === 'sums') return { kind, sums: readSums(reader) }
      if (kind === 'items') return { kind, items: readItems(reader) }
      return { kind }
    }),
  }),
}

export const askCodec: Codec<Ask> = {
  write(writer, { number, records, end }) {
    writer.varint(number)
    writeCount(writer, records.length, limit.RECORDS_PER_ASK_MAX, 'records')
    for (const record of records) {
      writer.varint(record.tree)
      if ('hash' in record) {
        writer.u8(LACKED)
        writeHex(writer, record.hash, ITEM_HASH_BYTES, 'a hash')
      } else {
        writer.u8(HAD)
        writeText(writer, record.key, RECORD_BYTES_MAX, 'a record key')
        writeState(writer, record.state, 0)
      }
    }
    writer.u8(end === undefined ? 0 : END)
    if (end === undefined) return
    writeCount(writer, end.beginning.length, limit.TREES_MAX, 'trees')
    for (const tree of end.beginning) writer.varint(tree)
  },
  read: (reader) => ({
    number: reader.varint(),
    records: read(reader, limit.RECORDS_PER_ASK_MAX, (): AskedRecord => {
      const tree = reader.varint(limit.TREES_MAX)
      if (reader.varint(HAD) === LACKED) return { tree, hash: readHex(reader, ITEM_HASH_BYTES) }
      const key = reader.string(RECORD_BYTES_MAX)
      const { state } = readState(reader)
      if (state === undefined) throw malformed(`${key} is asked as had, and its state is not told`)
      return { tree, key, state }
    }),
    end:
      reader.varint(END) === END
        ? { beginning: read(reader, limit.TREES_MAX, () => reader.varint(limit.TREES_MAX)) }
        : undefined,
  }),
}

export const answerCodec: Codec<Answer> = {
  write(writer, { number, records, settled }) {
    writer.varint(number)
    writeCount(writer, records.length, limit.RECORDS_PER_ASK_MAX, 'records')
    for (const { state, underWay } of records) writeState(writer, state, underWay ? UNDER_WAY : 0)
    writer.u8(settled === undefined ? 0 : SETTLED)
    if (settled === undefined) return
    writeHex(writer, settled.run, ID_BYTES, 'a run id')
    writer.varint(settled.seq)
  },
  read: (reader) => ({
    number: reader.varint(),
    records: read(reader, limit.RECORDS_PER_ASK_MAX, () => readState(reader)),
    settled:
      reader.varint(SETTLED) === SETTLED
        ? { run: readHex(reader, ID_BYTES), seq: reader.varint() }
        : undefined,
  }),
}

function read<T>(reader: ByteReader, max: number, one: (i: number) => T): T[] {
  const count = reader.varint(max)
  const found: T[] = []
  for (let i = 0; i < count; i++) found.push(one(i))
  return found
}

function writeTree(writer: ByteWriter, { kind, channel }: Tree): void {
  writer.u8(kind === 'records' ? 0 : 1)
  writeText(writer, channel, CHANNEL_BYTES_MAX, 'a channel name')
}

function readTree(reader: ByteReader): Tree {
  const kind = reader.varint(1) === 0 ? 'records' : 'others'
  return { kind, channel: reader.string(CHANNEL_BYTES_MAX) }
}

function readNode(reader: ByteReader): NodeName {
  const tree = reader.varint(limit.TREES_MAX)
  const digits = reader.u8()
  if (digits < 2 || digits > LEAF_DIGITS)
    throw malformed(`a node of ${digits} digits, known are 2 to ${LEAF_DIGITS}`)
  return {
    tree,
    node: reader
      .varint(16 ** digits - 1)
      .toString(16)
      .padStart(digits, '0'),
  }
}

function writeSum(writer: ByteWriter, { count, digest }: Sum): void {
  writer.varint(count)
  if (count > 0) writer.raw(digest)
}

function readSum(reader: ByteReader): Sum {
  const count = reader.varint()
  return count === 0 ? emptySum : { count, digest: reader.raw(DIGEST_BYTES).slice() }
}

/** Which of the 16 or 256 there are, a bit each, and then only those. */
function writeSums(writer: ByteWriter, sums: Sums): void {
  const digits = [...sums.keys()][0]?.length ?? 1
  const names = namesOf(digits)
  const present = new Uint8Array(names.length / 8)
  for (const [i, name] of names.entries()) if (sums.has(name)) present[i >> 3]! |= 1 << (i & 7)
  writer.u8(digits).raw(present)
  for (const name of names) {
    const sum = sums.get(name)
    if (sum) writeSum(writer, sum)
  }
}

function readSums(reader: ByteReader): Sums {
  const digits = reader.u8()
  if (digits !== 1 && digits !== 2) throw malformed(`sums of nodes ${digits} digits below, known are 1 and 2`)
  const names = namesOf(digits)
  const present = reader.raw(names.length / 8)
  const sums = new Map<string, Sum>()
  for (const [i, name] of names.entries())
    if (present[i >> 3]! & (1 << (i & 7))) sums.set(name, readSum(reader))
  return sums
}

function namesOf(digits: number): readonly string[] {
  return digits === 2 ? childrenOf('') : childrenOf('.').map((name) => name.slice(1))
}

function writeItems(writer: ByteWriter, items: readonly ListedItem[]): void {
  writeCount(writer, items.length, limit.ITEMS_PER_NODE_MAX, 'items')
  for (const { hash, digest } of items) {
    writeHex(writer, hash, ITEM_HASH_BYTES, 'a hash')
    writeFixed(writer, digest, DIGEST_BYTES, 'a digest')
  }
}

function readItems(reader: ByteReader): ListedItem[] {
  return read(reader, limit.ITEMS_PER_NODE_MAX, () => ({
    hash: readHex(reader, ITEM_HASH_BYTES),
    digest: reader.raw(DIGEST_BYTES).slice(),
  }))
}

function writeState(writer: ByteWriter, state: ToldState | undefined, flags: number): void {
  if (state === undefined) {
    writer.u8(ABSENT | flags)
  } else if (state === 'large') {
    writer.u8(LARGE | flags)
  } else {
    writer.u8(LISTED | flags).varint(state.incarnation)
    writeCount(writer, state.actors.size, limit.ACTORS_LISTED_MAX, 'actors')
    for (const [actor, seq] of state.actors) writer.raw(fromHex(actor)).varint(seq)
    writeCount(writer, state.receipts.length, limit.RECEIPTS_LISTED_MAX, 'receipts')
    for (const receipt of state.receipts) writer.raw(fromHex(receipt))
  }
}

function readState(reader: ByteReader): AnsweredRecord {
  const flags = reader.varint(LARGE | UNDER_WAY)
  const underWay = (flags & UNDER_WAY) !== 0
  const kind = flags & ~UNDER_WAY
  if (kind === ABSENT) return { state: undefined, underWay }
  if (kind === LARGE) return { state: 'large', underWay }
  if (kind !== LISTED) throw malformed(`a state of kind ${kind}, known are 0 to 2`)
  const incarnation = reader.varint()
  const actors = new Map(
    read(reader, limit.ACTORS_LISTED_MAX, () => [toHex(reader.raw(ACTOR_BYTES)), reader.varint()] as const),
  )
  const receipts = read(reader, limit.RECEIPTS_LISTED_MAX, () => readHex(reader, ITEM_HASH_BYTES))
  return { state: { incarnation, actors, receipts }, underWay }
}

function malformed(what: string): ProtocolError {
  return new ProtocolError('malformed', `reading a reconciliation: ${what}`)
}
