/**
 * Whether a call whose answer was lost was carried out, told from the row that its repeat met (SPEC B-12, B-38). A write is atomic: one field that it was to change and that
 * is still what it was proves that nothing of it was written, whatever the other fields look like by somebody else's hand.
 */
import { equalJson, type Json, type JsonObject } from '@skerry/core'
import { canonical } from './canonical.ts'
import type { Field, Mapping } from './mapping.ts'

/** By external name. */
export interface Doubtful {
  /** What both sides agreed on before the call. */
  before: JsonObject
  /** Only the fields written. */
  sent: JsonObject
  /** The row now. */
  mapped: JsonObject
}

/** `open`: the row does not tell. */
export type Fate = 'carried-out' | 'not' | 'open'

export function fateOf(mapping: Mapping, doubtful: Doubtful): Fate {
  const fates = changedBy(mapping, doubtful).map((field) => fateOfField(field, doubtful))
  if (fates.includes('not')) return 'not'
  return fates.includes('carried-out') ? 'carried-out' : 'open'
}

/** Fields that the call was to change and that the row has otherwise: somebody changed them since, or it was not carried out. */
export function changedSince(mapping: Mapping, doubtful: Doubtful): Field[] {
  const { sent, mapped } = doubtful
  return changedBy(mapping, doubtful).filter(
    ({ external, direction }) => direction !== 'out' && !equalJson(mapped[external], sent[external]),
  )
}

function changedBy(mapping: Mapping, { before, sent }: Doubtful): Field[] {
  return mapping.fields.filter(
    ({ external }) => external in sent && !equalJson(before[external], sent[external]),
  )
}

/**
 * A field is what was sent, or what it was; or somebody changed it. Of a scalar or a counter nothing can be read then. A text, list or map shows whether the parts that
 * the call was to add and take away are there and gone: all of them, or none.
 */
function fateOfField({ external, rule }: Field, { before, sent, mapped }: Doubtful): Fate {
  const [was, wanted, is] = [before[external] ?? null, sent[external] ?? null, mapped[external] ?? null]
  if (equalJson(is, was)) return 'not'
  if (equalJson(is, wanted)) return 'carried-out'
  if (rule !== 'merge') return 'open'
  const ours = [...less(wanted, was), ...less(was, wanted).map(gone)]
  const theirs = new Set([...less(is, was), ...less(was, is).map(gone)])
  const seen = ours.filter((part) => theirs.has(part)).length
  if (ours.length === 0 || (seen > 0 && seen < ours.length)) return 'open'
  return seen === 0 ? 'not' : 'carried-out'
}

/** Marks a part that was taken away; no part begins so. */
const gone = (part: string): string => `-${part}`

/** Parts that the first has more often than the second, numbered by how often, so that a word said twice is not the word said once. */
function less(value: Json, than: Json): string[] {
  const others = new Set(counted(than))
  return counted(value).filter((part) => !others.has(part))
}

function counted(value: Json): string[] {
  const times = new Map<string, number>()
  return partsOf(value).map((part) => {
    const time = (times.get(part) ?? 0) + 1
    times.set(part, time)
    return `${time} ${part}`
  })
}

/** Words of a text, elements of a list, entries of a map. */
function partsOf(value: Json): string[] {
  if (typeof value === 'string') return value.match(/[\p{L}\p{N}]+/gu) ?? []
  if (typeof value !== 'object' || value === null) return []
  return (Array.isArray(value) ? value : Object.entries(value)).map(canonical)
}
