/** Which rows a call names, as far as its address and body tell, so that a fault can be aimed at one type or one record. */
import type { Call } from '../../calls/call.ts'
import type { Target } from '../../faults/plan.ts'
import type { HubSpotWorld } from '../world.ts'
import { externalIdOf } from './writes.ts'

type Part = Record<string, unknown>

export function targetOf(world: HubSpotWorld, call: Call): Target {
  const { method, path } = call
  const type = typeInPath(world, path)
  return {
    method,
    path,
    writes: isWrite(method, path),
    subjects: type === null ? [] : subjectsOf(world, type, call),
  }
}

/** A search and a batch of reads are POSTs because of their length alone. */
function isWrite(method: string, path: string): boolean {
  return method !== 'GET' && path.startsWith('/crm/') && !/\/(search|batch\/read)(\?|$)/.test(path)
}

export function typeInPath(world: HubSpotWorld, path: string): string | null {
  const named = /\/(?:objects|properties|schemas)\/([\w-]+)/.exec(path)?.[1]
  const types = [...world.types.values()]
  return types.find(({ name, objectTypeId }) => named === name || named === objectTypeId)?.name ?? null
}

function subjectsOf(world: HubSpotWorld, type: string, call: Call): Target['subjects'] {
  const body = bodyOf(call)
  const idProperty = call.query.get('idProperty') ?? undefined
  const id = /\/objects\/[\w-]+\/([^/?]+)(?:\?|$)/.exec(call.path)?.[1]
  const inputs = Array.isArray(body.inputs) ? body.inputs.filter(isPart) : [{ ...body, id, idProperty }]
  return inputs.map((input) => {
    const key = typeof input.idProperty === 'string' ? input.idProperty : undefined
    const properties = isPart(input.properties) ? input.properties : {}
    const named = typeof input.id === 'string' ? { id: input.id } : {}
    return { type, externalId: externalIdOf(world, { type, ...named, idProperty: key, properties }) }
  })
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A body that is no JSON names nothing; the endpoint will refuse it. */
function bodyOf({ bytes }: Call): Part {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return isPart(parsed) ? parsed : {}
  } catch {
    return {}
  }
}
