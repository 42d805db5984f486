/** The resources below `/services/data/vNN.0`, in the order in which their addresses are tried. */
import {
  abortOrCloseJob,
  createIngestJob,
  deleteJob,
  failedRecords,
  ingestJob,
  listIngestJobs,
  successfulRecords,
  unprocessedRecords,
  uploadData,
} from '../bulk/ingest-endpoints.ts'
import {
  abortQueryJob,
  createQueryJob,
  deleteQueryJob,
  queryJob,
  queryResults,
} from '../bulk/query-endpoints.ts'
import { apiVersionMax, apiVersionMin } from '../limits.ts'
import { notFound, Refusal } from '../refusal.ts'
import type { Author } from '../rows/row.ts'
import { userIdOf } from '../sessions.ts'
import type { SalesforceWorld } from '../world.ts'
import { apiResources, limits } from './account.ts'
import { createRows, deleteRows, retrieveRows, updateRows, upsertRows } from './collections.ts'
import { runComposite } from './composite.ts'
import type { Asked, Endpoint, Reply } from './endpoint.ts'
import { furtherPage, runQuery, runQueryAll } from './queries.ts'
import { deletedRows, updatedRows } from './replication.ts'
import {
  createRow,
  deleteByKey,
  deleteRow,
  describeType,
  listTypes,
  readByKey,
  readRow,
  ToldRefusal,
  typeInfo,
  updateRow,
  upsertRow,
} from './sobjects.ts'

type Methods = Readonly<Partial<Record<'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', Endpoint>>>

const resources: readonly [string, Methods][] = [
  ['', { GET: apiResources }],
  ['limits', { GET: limits }],
  ['query', { GET: runQuery }],
  ['query/:locator', { GET: furtherPage }],
  ['queryAll', { GET: runQueryAll }],
  ['composite', { POST: runComposite }],
  ['composite/sobjects', { POST: createRows, PATCH: updateRows, DELETE: deleteRows }],
  ['composite/sobjects/:type', { GET: retrieveRows, POST: retrieveRows }],
  ['composite/sobjects/:type/:field', { PATCH: upsertRows }],
  ['jobs/ingest', { GET: listIngestJobs, POST: createIngestJob }],
  ['jobs/ingest/:job', { GET: ingestJob, PATCH: abortOrCloseJob, DELETE: deleteJob }],
  ['jobs/ingest/:job/batches', { PUT: uploadData }],
  ['jobs/ingest/:job/successfulResults', { GET: successfulRecords }],
  ['jobs/ingest/:job/failedResults', { GET: failedRecords }],
  ['jobs/ingest/:job/unprocessedrecords', { GET: unprocessedRecords }],
  ['jobs/query', { POST: createQueryJob }],
  ['jobs/query/:job', { GET: queryJob, PATCH: abortQueryJob, DELETE: deleteQueryJob }],
  ['jobs/query/:job/results', { GET: queryResults }],
  ['sobjects', { GET: listTypes }],
  ['sobjects/:type', { GET: typeInfo, POST: createRow }],
  ['sobjects/:type/describe', { GET: describeType }],
  ['sobjects/:type/updated', { GET: updatedRows }],
  ['sobjects/:type/deleted', { GET: deletedRows }],
  ['sobjects/:type/:id', { GET: readRow, PATCH: updateRow, DELETE: deleteRow }],
  ['sobjects/:type/:field/:value', { GET: readByKey, PATCH: upsertRow, DELETE: deleteByKey }],
]

/** Never throws for a refusal: that is a reply too. */
export function dispatch(world: SalesforceWorld, asked: Asked): Reply {
  try {
    const { pathname, searchParams } = new URL(asked.url, 'http://organisation')
    const [, number = '', rest = ''] = /^\/services\/data\/v(\d+)\.0(?:\/(.*))?$/.exec(pathname) ?? []
    const version = Number(number)
    if (version < apiVersionMin || version > apiVersionMax) throw notFound()
    const parts = rest
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent)
    const { methods, params } = resourceOf(parts)
    const endpoint = methods[asked.method as keyof Methods]
    if (!endpoint) throw notAllowed(asked.method, methods)
    const base = `/services/data/v${version}.0`
    return endpoint({
      ...asked,
      world,
      query: searchParams,
      version,
      base,
      param: (name) => params[name] ?? '',
      dispatch: (part) => dispatch(world, part),
    })
  } catch (error) {
    return refusedReply(world, error)
  }
}

/** The author of a change by a call: whose session it is, and what the client calls itself. */
export function authorOf(name: string, headers: Headers, path: string): Author {
  const version = /\/v(\d+\.\d)\//.exec(path)?.[1] ?? `${apiVersionMax}.0`
  const client = /client=([^,;]+)/i.exec(headers.get('sforce-call-options') ?? '')?.[1]
  const api = path.includes('/jobs/') ? 'bulkapi' : 'rest'
  return {
    name,
    userId: userIdOf(name),
    origin: `com/salesforce/api/${api}/${version}${client ? `;client=${client.trim()}` : ''}`,
  }
}

export function refusedReply(world: SalesforceWorld, error: unknown): Reply {
  if (error instanceof ToldRefusal)
    return {
      status: error.refusal.status,
      body: [error.refusal.error],
      ...(error.operations && { operations: error.operations }),
    }
  if (error instanceof Refusal) return { status: error.status, body: [error.error] }
  if (error instanceof URIError) return refusedReply(world, notFound())
  world.log(error)
  return refusedReply(
    world,
    new Refusal('UNKNOWN_EXCEPTION', 'An unexpected error occurred. Its log has the reason.'),
  )
}

function resourceOf(parts: readonly string[]): { methods: Methods; params: Record<string, string> } {
  for (const [pattern, methods] of resources) {
    const wanted = pattern === '' ? [] : pattern.split('/')
    if (wanted.length !== parts.length) continue
    const params: Record<string, string> = {}
    const fits = wanted.every((name, i) => {
      const part = parts[i] ?? ''
      if (!name.startsWith(':')) return name === part
      params[name.slice(1)] = part
      return true
    })
    if (fits) return { methods, params }
  }
  throw notFound()
}

function notAllowed(method: string, methods: Methods): Refusal {
  const allowed = Object.keys(methods).join(',')
  return new Refusal('METHOD_NOT_ALLOWED', `HTTP Method '${method}' not allowed. Allowed are ${allowed}`)
}
