/** What a resource of the API is: a synchronous function from what is asked to a reply, which may throw a Refusal. */
import * as z from 'zod'
import type { LedgerOperation } from '../../ledger/entry.ts'
import { Refusal, validation } from '../refusal.ts'
import type { Author } from '../rows/row.ts'
import type { HubSpotWorld } from '../world.ts'

export type Ask = {
  world: HubSpotWorld
  /** Parts of the address, decoded. */
  param: (name: string) => string
  query: URLSearchParams
  text: () => string
  author: Author
}

export type Reply = {
  status: number
  /** As JSON. */
  body?: unknown
  operations?: readonly LedgerOperation[]
}

export type Endpoint = (ask: Ask) => Reply

/** @throws Refusal VALIDATION_ERROR */
export function bodyAs<S extends z.ZodType>({ text }: Ask, schema: S): z.output<S> {
  const parsed = schema.safeParse(jsonOf(text()))
  if (parsed.success) return parsed.data
  const { path = [], message = '' } = parsed.error.issues[0] ?? {}
  throw validation(`Invalid input JSON: ${path.map(String).join('.') || 'body'}: ${message}`)
}

/** A list in the query, as `a,b` or said again. */
export function listIn({ query }: Ask, name: string): string[] | undefined {
  const given = query.getAll(name)
  return given.length === 0 ? undefined : given.flatMap((one) => one.split(',')).filter(Boolean)
}

/** @throws Refusal VALIDATION_ERROR */
export function countIn(
  { query }: Ask,
  name: string,
  { fallback, max }: { fallback: number; max: number },
): number {
  const text = query.get(name) ?? String(fallback)
  const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (count >= 0 && count <= max) return count
  throw validation(`Invalid ${name} ${text}: it is a whole number up to ${max}`)
}

export const properties = z.record(z.string(), z.unknown())

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal('VALIDATION_ERROR', `Invalid input JSON on line 1, column ${text.length}`)
  }
}
