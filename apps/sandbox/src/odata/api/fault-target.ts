/** Which rows a call names, as far as its address and body tell, so that a fault can be aimed at one set or one record. */
import type { Call } from '../../calls/call.ts'
import type { Target } from '../../faults/plan.ts'
import type { ODataWorld } from '../world.ts'
import { addressOf, rowAt } from './address.ts'

type Subject = Target['subjects'][number]

export function targetOf(world: ODataWorld, { method, path, bytes }: Call): Target {
  const text = new TextDecoder().decode(bytes)
  const { root } = world.profile
  const isService = path.startsWith(root)
  const isBatch = isService && path.slice(root.length).startsWith('/$batch')
  const writes = isBatch ? /\b(POST|PATCH|DELETE)\b/.test(text) : isService && !/^(GET|HEAD)$/.test(method)
  const places = isBatch
    ? [...text.matchAll(/(?:POST|PATCH|DELETE|GET) (\S+) HTTP|"url": ?"([^"]+)"/g)].map(
        ([, one, other]) => one ?? other ?? '',
      )
    : [path]
  return { method, path, writes, subjects: places.flatMap((place) => subjectsOf(world, place, text)) }
}

/** The set in an address, if it is one. */
export function setIn({ types, profile }: ODataWorld, path: string): string | null {
  const [, set = ''] = /^\/?(\w+)/.exec(below(profile.root, path)) ?? []
  return types.has(set) ? set : null
}

function subjectsOf(world: ODataWorld, path: string, text: string): Subject[] {
  const type = world.types.get(setIn(world, path) ?? '')
  if (!type) return []
  const named = new RegExp(`"${type.externalId}": ?"([^"]*)"`).exec(text)?.[1]
  return [
    { type: type.set, externalId: externalIdAt(world, below(world.profile.root, path)) ?? named ?? null },
  ]
}

/** A path that is no address names nothing; the service will refuse it. */
function externalIdAt(world: ODataWorld, path: string): string | undefined {
  try {
    const address = addressOf(world, path)
    if (address.kind !== 'row') return undefined
    const { type, name } = address
    if (name.property === type.externalId) return name.value
    const value = rowAt(world, type, name)?.fields[type.externalId]
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function below(root: string, path: string): string {
  const local = path.replace(/^https?:\/\/[^/]+/, '')
  return local.startsWith(root) ? local.slice(root.length) : local
}
