/** Which rows a call names, as far as its address and body tell, so that a fault can be aimed at one type or one record. */
import type { Call } from '../../calls/call.ts'
import type { Target } from '../../faults/plan.ts'
import { keyFieldOf } from '../objects/object-type.ts'
import { recordId } from '../objects/record-id.ts'
import type { SalesforceWorld } from '../world.ts'

type Subject = Target['subjects'][number]
type Part = Record<string, unknown>

export function targetOf(world: SalesforceWorld, call: Call): Target {
  const { method, path } = call
  const body = bodyOf(call)
  return { method, path, writes: isWrite(method, path, body), subjects: subjectsOf(world, path, body) }
}

/** A Composite writes if one of its parts does; a retrieve is a POST because of its length alone. */
function isWrite(method: string, path: string, body: unknown): boolean {
  const parts = listOf(body, 'compositeRequest')
  if (parts.length > 0) return parts.some((part) => isWrite(String(part.method), String(part.url), part.body))
  const isRetrieve = method === 'POST' && /\/composite\/sobjects\/\w+$/.test(path)
  return method !== 'GET' && !isRetrieve && path.startsWith('/services/data/')
}

export function typeInPath(world: SalesforceWorld, path: string): string | null {
  const named = /\/sobjects\/(\w+)/.exec(path)?.[1] ?? /\bFROM[+ ]+(\w+)/i.exec(decoded(path))?.[1]
  return named !== undefined && world.types.has(named) ? named : null
}

function subjectsOf(world: SalesforceWorld, path: string, body: unknown): Subject[] {
  const parts = listOf(body, 'compositeRequest')
  if (parts.length > 0) return parts.flatMap((part) => subjectsOf(world, String(part.url ?? ''), part.body))
  const records = listOf(body, 'records')
  if (records.length > 0) return records.map((record) => subjectOf(world, typeOfRecord(record), record))
  const type = typeInPath(world, path)
  if (type === null) return []
  const [, first, second] = /\/sobjects\/\w+\/([^/?]+)(?:\/([^/?]+))?/.exec(path) ?? []
  if (second !== undefined) return [{ type, externalId: decoded(second) }]
  return [
    subjectOf(world, type, { ...(isPart(body) ? body : {}), ...(first !== undefined && { id: first }) }),
  ]
}

function subjectOf(world: SalesforceWorld, type: string | null, record: Part): Subject {
  const declared = type === null ? undefined : world.types.get(type)
  const field = declared && keyFieldOf(declared)
  if (!declared || field === undefined) return { type, externalId: null }
  const id = recordId(String(record.id ?? record.Id ?? ''))
  const value =
    record[field] ?? (id === undefined ? undefined : world.rows.byId(declared.name, id)?.fields[field])
  return { type, externalId: typeof value === 'string' ? value : null }
}

function typeOfRecord({ attributes }: Part): string | null {
  return isPart(attributes) && typeof attributes.type === 'string' ? attributes.type : null
}

function listOf(body: unknown, name: string): Part[] {
  const list = isPart(body) ? body[name] : undefined
  return Array.isArray(list) ? list.filter(isPart) : []
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A body that is no JSON names nothing; the endpoint will refuse it. */
function bodyOf({ bytes }: Call): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
