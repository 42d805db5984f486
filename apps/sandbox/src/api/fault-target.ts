/** Which rows a call names, as far as its address and body tell, so that a fault can be aimed at one type or one record. */
import * as z from 'zod'
import type { Call } from '../calls/call.ts'
import type { Target } from '../faults/plan.ts'
import type { World } from '../world.ts'

type Subject = Target['subjects'][number]

const named = z.object({
  type: z.string().optional(),
  externalId: z.string().optional(),
  id: z.string().optional(),
})
const batch = z.object({ operations: z.array(named) })

export function targetOf(world: World, call: Call): Target {
  return {
    method: call.method,
    path: call.path,
    writes: call.method !== 'GET',
    subjects: subjectsOf(world, call),
  }
}

function subjectsOf(world: World, call: Call): Subject[] {
  const [root, type, first, second] = call.path.split('?')[0]?.split('/').slice(1).map(decoded) ?? []
  if (root !== 'v1' || type === undefined) return []
  if (type === 'batch') return batchSubjects(world, call)
  if (first === 'by-external-id') return [{ type, externalId: second ?? null }]
  if (first !== undefined) return [{ type, externalId: world.rows.byId(type, first)?.externalId ?? null }]
  return [{ type, externalId: named.safeParse(json(call)).data?.externalId ?? null }]
}

function batchSubjects(world: World, call: Call): Subject[] {
  const operations = batch.safeParse(json(call)).data?.operations ?? []
  return operations.map(({ type = '', id, externalId }) => ({
    type,
    externalId: externalId ?? (id === undefined ? null : (world.rows.byId(type, id)?.externalId ?? null)),
  }))
}

/** A body that is no JSON names nothing; the endpoint will refuse it. */
function json(call: Call): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(call.bytes))
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
