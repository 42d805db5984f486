/** The resources below `/crm`, in the order in which their addresses are tried. */
import { notFound, Refusal } from '../refusal.ts'
import type { HubSpotWorld } from '../world.ts'
import { associate, associateMany, dissociate, listAssociations, readAssociations } from './associations.ts'
import { archiveMany, createMany, readMany, updateMany, upsertMany } from './batches.ts'
import type { Ask, Endpoint, Reply } from './endpoint.ts'
import { archiveRow, createRow, listRows, mergeRows, readRow, updateRow } from './objects.ts'
import { listProperties, listSchemas, readProperty, readSchema } from './schema.ts'
import { searchRows } from './search.ts'

type Methods = Readonly<Partial<Record<'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', Endpoint>>>

const resources: readonly [string, Methods][] = [
  ['crm/v3/objects/:type', { GET: listRows, POST: createRow }],
  ['crm/v3/objects/:type/search', { POST: searchRows }],
  ['crm/v3/objects/:type/merge', { POST: mergeRows }],
  ['crm/v3/objects/:type/batch/read', { POST: readMany }],
  ['crm/v3/objects/:type/batch/create', { POST: createMany }],
  ['crm/v3/objects/:type/batch/update', { POST: updateMany }],
  ['crm/v3/objects/:type/batch/upsert', { POST: upsertMany }],
  ['crm/v3/objects/:type/batch/archive', { POST: archiveMany }],
  ['crm/v3/objects/:type/:id', { GET: readRow, PATCH: updateRow, DELETE: archiveRow }],
  ['crm/v3/properties/:type', { GET: listProperties }],
  ['crm/v3/properties/:type/:name', { GET: readProperty }],
  ['crm/v3/schemas', { GET: listSchemas }],
  ['crm/v3/schemas/:type', { GET: readSchema }],
  ['crm-object-schemas/v3/schemas', { GET: listSchemas }],
  ['crm-object-schemas/v3/schemas/:type', { GET: readSchema }],
  ['crm/v4/objects/:type/:id/associations/:toType', { GET: listAssociations }],
  ['crm/v4/objects/:type/:id/associations/default/:toType/:toId', { PUT: associate }],
  ['crm/v4/objects/:type/:id/associations/:toType/:toId', { DELETE: dissociate }],
  ['crm/v4/associations/:type/:toType/batch/read', { POST: readAssociations }],
  ['crm/v4/associations/:type/:toType/batch/associate/default', { POST: associateMany }],
]

/** @throws Refusal, ToldRefusal */
export function dispatch(
  world: HubSpotWorld,
  asked: Pick<Ask, 'text' | 'author'> & { method: string; path: string },
): Reply {
  const { pathname, searchParams } = new URL(asked.path, 'http://account')
  const { methods, params } = resourceOf(pathname)
  const endpoint = methods[asked.method as keyof Methods]
  if (!endpoint) throw new Refusal('METHOD_NOT_ALLOWED', `HTTP method ${asked.method} is not allowed here`)
  return endpoint({ ...asked, world, query: searchParams, param: (name) => params[name] ?? '' })
}

function resourceOf(pathname: string): { methods: Methods; params: Record<string, string> } {
  const parts = partsOf(pathname)
  for (const [pattern, methods] of resources) {
    const wanted = pattern.split('/')
    if (wanted.length !== parts.length) continue
    if (!wanted.every((one, i) => one.startsWith(':') || one === parts[i])) continue
    const named = wanted.flatMap((one, i) => (one.startsWith(':') ? [[one.slice(1), parts[i]!]] : []))
    return { methods, params: Object.fromEntries(named) }
  }
  throw notFound()
}

/** @throws Refusal OBJECT_NOT_FOUND */
function partsOf(pathname: string): string[] {
  try {
    return pathname
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent)
  } catch {
    throw notFound()
  }
}
