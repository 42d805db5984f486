/** COMPARE, DIFFERENCES, ASK and ANSWER, as packages/core/src/reconcile/SPEC.md has them. */
import type { Fields } from './fields.ts'
import { after } from './message.ts'

export interface Sum {
  count: number
  sum: Uint8Array
}

const NOTHING = new Uint8Array(16)

function readSum(fields: Fields): Sum {
  const count = fields.varint()
  return { count, sum: count === 0 ? NOTHING : fields.raw(16) }
}

export interface ReadCompare {
  number: number
  opening?: { granted: number; seed?: Uint8Array; trees: ({ kind: number; channel: string } & Sum)[] }
  nodes?: ({ tree: number; name: string } & Sum)[]
}

export function readCompare(message: Uint8Array): ReadCompare {
  const fields = after(0x20, message)
  const number = fields.varint()
  const flags = fields.u8()
  if (flags === 0) return fields.done({ number, nodes: fields.list(() => readNode(fields)) })
  if (flags !== 1 && flags !== 3) throw new Error(`flags ${flags}`)
  const granted = fields.varint()
  const seed = flags === 3 ? { seed: fields.raw(16) } : {}
  const trees = fields.list(() => {
    const kind = fields.u8()
    if (kind > 1) throw new Error(`a tree of kind ${kind}`)
    return { kind, channel: fields.string(), ...readSum(fields) }
  })
  return fields.done({ number, opening: { granted, ...seed, trees } })
}

/** The name is the digits, the highest first. */
function readNode(fields: Fields) {
  const [tree, digits, number] = [fields.varint(), fields.u8(), fields.varint()]
  if (digits < 2 || digits > 4 || number >= 16 ** digits)
    throw new Error(`node ${number} of ${digits} digits`)
  return { tree, name: number.toString(16).padStart(digits, '0'), ...readSum(fields) }
}

export type ReadDifference =
  | { kind: 'equal' | 'left-out' | 'too-many' }
  | { kind: 'sums'; below: Record<string, Sum> }
  | { kind: 'items'; items: { hash: string; digest: Uint8Array }[] }

export function readDifferences(message: Uint8Array) {
  const fields = after(0x21, message)
  return fields.done({ number: fields.varint(), answers: fields.list(() => readDifference(fields)) })
}

function readDifference(fields: Fields): ReadDifference {
  const kind = fields.u8()
  if (kind === 0) return { kind: 'equal' }
  if (kind === 1) return { kind: 'sums', below: readBelow(fields) }
  if (kind === 2)
    return { kind: 'items', items: fields.list(() => ({ hash: fields.hex(8), digest: fields.raw(16) })) }
  if (kind === 3) return { kind: 'left-out' }
  if (kind === 4) return { kind: 'too-many' }
  throw new Error(`an answer of kind ${kind}`)
}

function readBelow(fields: Fields): Record<string, Sum> {
  const digits = fields.u8()
  if (digits !== 1 && digits !== 2) throw new Error(`sums ${digits} digits below`)
  const there = fields.raw(16 ** digits / 8)
  const below: Record<string, Sum> = {}
  for (let child = 0; child < 16 ** digits; child++)
    if ((there[child >> 3]! >> (child & 7)) & 1)
      below[child.toString(16).padStart(digits, '0')] = readSum(fields)
  return below
}

export interface ReadState {
  isUnderWay: boolean
  /** Undefined: not in this channel. */
  state?: 'large' | { incarnation: number; actors: Record<string, number>; receipts: string[] }
}

function readState(fields: Fields): ReadState {
  const flags = fields.u8()
  const isUnderWay = (flags & 4) !== 0
  if (flags > 6 || (flags & 3) === 3) throw new Error(`a state of kind ${flags}`)
  if ((flags & 3) === 0) return { isUnderWay }
  if ((flags & 3) === 2) return { isUnderWay, state: 'large' }
  const incarnation = fields.varint()
  const actors = Object.fromEntries(fields.list(() => [fields.hex(17), fields.varint()]))
  return { isUnderWay, state: { incarnation, actors, receipts: fields.list(() => fields.hex(8)) } }
}

function readFlag(fields: Fields): boolean {
  const flag = fields.u8()
  if (flag > 1) throw new Error(`${flag} where 0 or 1 stands`)
  return flag === 1
}

export function readAsk(message: Uint8Array) {
  const fields = after(0x22, message)
  return fields.done({
    number: fields.varint(),
    records: fields.list(() => {
      const tree = fields.varint()
      if (!readFlag(fields)) return { tree, hash: fields.hex(8) }
      return { tree, key: fields.string(), ...readState(fields) }
    }),
    end: readFlag(fields) ? { beginning: fields.list(() => fields.varint()) } : undefined,
  })
}

export function readAnswer(message: Uint8Array) {
  const fields = after(0x23, message)
  return fields.done({
    number: fields.varint(),
    records: fields.list(() => readState(fields)),
    settled: readFlag(fields) ? { run: fields.hex(16), seq: fields.varint() } : undefined,
  })
}
