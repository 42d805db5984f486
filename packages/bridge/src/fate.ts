/**
 * Whether a call whose answer was lost was carried out, told from the row that its repeat met (SPEC B-12). A write is atomic: one field that it was to change and that is
 * still what it was proves that nothing of it was written, whatever the other fields look like by somebody else's hand.
 */
import { equalJson, type JsonObject } from '@skerry/core'
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
  const fates = sentBy(mapping, doubtful).map((field) => fateOfField(field, doubtful))
  if (fates.includes('not')) return 'not'
  return fates.includes('carried-out') ? 'carried-out' : 'open'
}

/** Fields sent that the row has otherwise: somebody changed them since, or the call was not carried out. */
export function changedSince(mapping: Mapping, doubtful: Doubtful): Field[] {
  const { sent, mapped } = doubtful
  return sentBy(mapping, doubtful).filter(
    ({ external, direction }) => direction !== 'out' && !equalJson(mapped[external], sent[external]),
  )
}

function sentBy(mapping: Mapping, { sent }: Doubtful): Field[] {
  return mapping.fields.filter(({ external }) => external in sent)
}

function fateOfField({ external }: Field, { before, sent, mapped }: Doubtful): Fate {
  const [was, wanted, is] = [before[external] ?? null, sent[external] ?? null, mapped[external] ?? null]
  if (equalJson(was, wanted)) return 'open'
  if (equalJson(is, was)) return 'not'
  return equalJson(is, wanted) ? 'carried-out' : 'open'
}
