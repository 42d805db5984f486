/** Which rows a walk has seen, whatever their order: how many, and the sum of their hashes. Two walks that saw the same rows missed none, because what moves between pages moves in one of them. */
import { createHash } from 'node:crypto'
import * as z from 'zod'

export const seenSchema = z.strictObject({ count: z.number().int().min(0), sum: z.number().min(0) })

export type Seen = z.output<typeof seenSchema>

/** Of the sum: 48 bits of each hash. */
const MODULUS = 2 ** 48

export function withSeen(seen: Seen | undefined, rows: readonly { id: string }[]): Seen {
  const { count = 0, sum = 0 } = seen ?? {}
  return {
    count: count + rows.length,
    sum: rows.reduce((total, { id }) => (total + hashed(id)) % MODULUS, sum),
  }
}

export function isSame(one: Seen | undefined, other: Seen): boolean {
  return one?.count === other.count && one.sum === other.sum
}

function hashed(id: string): number {
  return createHash('sha256').update(id).digest().readUIntBE(0, 6)
}
