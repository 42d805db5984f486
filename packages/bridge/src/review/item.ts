/** What of a record waits for a person, and its durable form (SPEC B-100, B-104). */
import { decodeUtf8, encodeUtf8, type Json, type JsonObject } from '@skerry/core'
import type { ExternalRow } from '../adapter-port.ts'
import { BridgeError } from '../bridge-error.ts'

/** Who changed a field on each side, and when: milliseconds since 1970; absent where nobody says. */
export interface Sides {
  oursAt?: number | undefined
  oursBy?: string | undefined
  theirsAt?: number | undefined
  theirsBy?: string | undefined
}

export function sidesOf({ oursAt, oursBy, theirsAt, theirsBy }: Sides): Sides {
  return { oursAt, oursBy, theirsAt, theirsBy }
}

/** Null stands for a field that is absent. */
export interface HeldField extends Sides {
  agreed: Json
  ours: Json
  theirs: Json
  /** Why no rule has decided. */
  reason: string
  /** Milliseconds since 1970, by the clock of this node. */
  since: number
}

/** Delete against edit: the record as a whole, and the row that is to be taken in, or not. */
export interface HeldRecord extends Sides {
  agreed: JsonObject
  /** Null: deleted. */
  ours: JsonObject | null
  theirs: JsonObject | null
  row: ExternalRow
  reason: string
  since: number
}

export interface ReviewItem {
  /** By name. */
  fields: Record<string, HeldField>
  whole?: HeldRecord | undefined
}

export type HeldFields = ReadonlyMap<string, HeldField>

/** What must not be written, and not be taken in. */
export interface Held {
  fields: HeldFields
  whole: HeldRecord | undefined
}

export const nothingHeld: Held = { fields: new Map(), whole: undefined }

export function heldBy(item: ReviewItem | undefined): Held {
  return item ? { fields: new Map(Object.entries(item.fields)), whole: item.whole } : nothingHeld
}

const FORMAT = 1

export function encodeReview(item: ReviewItem): Uint8Array {
  return encodeUtf8(JSON.stringify({ format: FORMAT, ...item }))
}

/** @throws BridgeError damaged-table */
export function decodeReview(record: string, bytes: Uint8Array): ReviewItem {
  try {
    const { format, ...item } = JSON.parse(decodeUtf8(bytes) ?? '') as ReviewItem & { format: number }
    if (format !== FORMAT) throw new RangeError(`format ${format} is unknown`)
    return item
  } catch (cause) {
    throw new BridgeError(
      'damaged-table',
      `the review of ${record} cannot be read; restore this node, or upgrade it`,
      { cause },
    )
  }
}
