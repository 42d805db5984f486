/** `@{made.id}` in an address or a body: what an earlier subrequest answered there. */
import { Refusal } from '../refusal.ts'
import type { Reply } from './endpoint.ts'

const reference = /@\{(\w+)((?:\.\w+|\[\d+\])*)\}/g

/** The value with its references filled in; a Refusal when one leads nowhere. */
export function withReferences(value: unknown, results: ReadonlyMap<string, Reply>): unknown {
  try {
    return filled(value, results)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

function filled(value: unknown, results: ReadonlyMap<string, Reply>): unknown {
  if (typeof value === 'string')
    return value.replace(reference, (whole, id: string, path: string) =>
      resolved(whole, results.get(id), path),
    )
  if (Array.isArray(value)) return value.map((part) => filled(part, results))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, filled(part, results)]))
}

function resolved(whole: string, reply: Reply | undefined, path: string): string {
  if (reply && reply.status >= 400)
    throw new Refusal('PROCESSING_HALTED', `Invalid reference specified. ${whole} did not succeed`)
  let at: unknown = reply?.body
  for (const [, name, index] of path.matchAll(/\.(\w+)|\[(\d+)\]/g))
    at =
      typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name ?? index ?? ''] : undefined
  if (typeof at === 'string' || typeof at === 'number') return String(at)
  throw new Refusal('PROCESSING_HALTED', `Invalid reference specified. No value for ${whole} found`)
}
