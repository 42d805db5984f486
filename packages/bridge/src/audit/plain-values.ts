/** Hashes of the log turned back into values: those that are kept beside it, and those that somebody has now. */
import { collectionOf, equalJson, idOf, type Json, type ReplicaBase } from '@skerry/core'
import type { BridgeHost } from '../context.ts'
import { type Field, pointersOf, readField, rowPart } from '../mapping/field.ts'
import type { Mapping } from '../mapping.ts'
import { decodeShadow } from '../shadow.ts'
import { tableOf } from '../tables.ts'
import type { AuditEntry } from './audit-entry.ts'
import type { KeptValues } from './audit-log.ts'
import { REASON, sealed } from './seal.ts'

/** What a field has now, on either side; absent where nobody here knows. */
export interface Present {
  record?: Json
  row?: Json
}

/** By the name of each mapped field. @param record undefined for a row that is none */
export async function presentValues(
  replica: ReplicaBase,
  system: string,
  record: string,
  mapping: Mapping,
): Promise<Map<string, Present>> {
  const value = await replica.collection(collectionOf(record)).get(idOf(record))
  const bytes = await replica.table(tableOf(system, 'shadow'), record)
  const shadow = bytes && decodeShadow(record, bytes)
  const present = new Map<string, Present>()
  for (const field of mapping.fields)
    present.set(field.name, {
      // Of a hashed field only the hash is shown.
      ...(value && !field.hashed && { record: readField(value, field) ?? null }),
      ...(shadow && !shadow.gone && { row: rowPart(shadow.value, field) }),
    })
  return present
}

export interface PlainValues {
  /** Undefined: nobody knows it. */
  of(name: string, side: string): Json | undefined
  reason(): string | undefined
  /** The record, or the row, has this value in the field now. */
  isPresent(name: string, value: Json): boolean
}

/** @param known reasons that are told elsewhere */
export function plainValues(
  host: Pick<BridgeHost, 'sha256'>,
  entry: AuditEntry,
  {
    kept,
    salt,
    present,
    fields,
    reasons,
  }: {
    kept: KeptValues | undefined
    salt: Uint8Array | undefined
    present: ReadonlyMap<string, Present>
    fields: readonly Field[]
    reasons: readonly string[]
  },
): PlainValues {
  const presentOf = (name: string): Present => {
    const field = fields.find((one) => one.name === name || pointersOf(one).includes(name))
    return (field && present.get(field.name)) ?? {}
  }
  const recognised = <Value extends Json>(name: string, hash: string, candidates: readonly Value[]) =>
    candidates.find((candidate) => salt !== undefined && sealed(host, salt, name, candidate) === hash)
  return {
    of(name, side) {
      const hash = entry.values?.[name]?.[side]
      if (hash === undefined || hash === null) return hash
      const known = kept?.values?.[name]?.[side]
      return known ?? recognised(name, hash, Object.values(presentOf(name)))
    },
    reason() {
      const hash = entry.reason
      return hash === undefined ? undefined : (kept?.reason ?? recognised(REASON, hash, reasons))
    },
    isPresent: (name, value) => Object.values(presentOf(name)).some((one) => equalJson(one, value)),
  }
}
