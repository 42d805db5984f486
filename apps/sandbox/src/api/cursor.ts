/** A place in the order (modifiedAt, id) of one type, as an opaque word: callers may keep it, not read it. */
import * as z from 'zod'
import { Problem } from '../problem.ts'

const cursorSchema = z.tuple([z.string(), z.int().min(0), z.string().min(1)])

export type Place = { modifiedAt: number; id: string }

export function cursorOf(type: string, { modifiedAt, id }: Place): string {
  return Buffer.from(JSON.stringify([type, modifiedAt, id])).toString('base64url')
}

/** @throws Problem invalid-cursor, also for a cursor of another type */
export function placeOf(type: string, cursor: string): Place {
  const parsed = cursorSchema.safeParse(unpacked(cursor))
  if (parsed.success && parsed.data[0] === type) return { modifiedAt: parsed.data[1], id: parsed.data[2] }
  throw new Problem('invalid-cursor', `"${cursor}" is no cursor of ${type}; begin without one`)
}

function unpacked(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
