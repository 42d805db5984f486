/** What a write looks like on the wire, as the config says: method, address, headers and body. Nothing is sent here. */
import type { DeleteRequest, UpsertRequest } from '@skerry/bridge'
import type { Exchange } from '@skerry/bridge/http'
import type { JsonObject } from '@skerry/core'
import { pathOf } from './client.ts'
import type { RestConfig } from './config.ts'
import { withValueAt } from './path-in.ts'

/** The condition under which a row is written, and the key of the call. */
type Conditions = Pick<UpsertRequest, 'expectedVersion' | 'idempotencyKey'>

/** PUT to the address of the external id. */
export function putRequest(config: RestConfig, type: string, request: UpsertRequest): Exchange {
  const { externalId } = request
  return upsertRequest(config, request, {
    method: 'PUT',
    path: pathOf(config.paths.byExternalId, { type, externalId }),
    contentType: 'application/json',
    body: bodyOf(config, request.fields),
  })
}

/** POST of a new row that carries its external id. */
export function postRequest(
  config: RestConfig,
  type: string,
  path: string,
  request: UpsertRequest,
): Exchange {
  const body = withValueAt(bodyOf(config, request.fields), config.row.externalId, request.externalId)
  const { expectedVersion: _, ...unconditional } = request
  return upsertRequest(
    config,
    { ...unconditional, restore: false },
    {
      method: 'POST',
      path: pathOf(path, { type }),
      contentType: 'application/json',
      body,
    },
  )
}

/** A change of the row of this id. @param whole the row's fields as they are, where the system takes whole rows only */
export function changeRequest(
  config: RestConfig,
  type: string,
  request: UpsertRequest & { id: string },
  whole: JsonObject = {},
): Exchange {
  const { method, contentType, kind } = config.write.update
  return upsertRequest(config, request, {
    method: kind === 'replace' ? 'PUT' : method,
    path: pathOf(config.paths.byId, { type, id: request.id }),
    contentType: kind === 'replace' ? 'application/json' : contentType,
    body: bodyOf(config, { ...whole, ...request.fields }),
  })
}

export function deleteRequest(config: RestConfig, type: string, request: DeleteRequest): Exchange {
  const { version } = config.write
  const path = pathOf(config.paths.byId, { type, id: request.id })
  const asked = config.compareAndSet ? request.expectedVersion : undefined
  return {
    method: 'DELETE',
    path: version.kind === 'body' && asked ? withQuery(path, { [version.parameter]: asked }) : path,
    headers: headersOf(config, request),
  }
}

function upsertRequest(
  config: RestConfig,
  request: UpsertRequest,
  {
    method,
    path,
    contentType,
    body,
  }: { method: string; path: string; contentType: string; body: JsonObject },
): Exchange {
  const { restore, version } = config.write
  const { expectedVersion } = request
  const isInBody = config.compareAndSet && version.kind === 'body' && typeof expectedVersion === 'string'
  return {
    method,
    path: request.restore && restore.kind === 'query' ? withQuery(path, restore.query) : path,
    headers: { 'content-type': contentType, ...headersOf(config, request) },
    body: JSON.stringify(isInBody ? withValueAt(body, version.at, numberIfOne(expectedVersion)) : body),
  }
}

function bodyOf(config: RestConfig, fields: JsonObject): JsonObject {
  return withValueAt({}, config.row.fields, writtenFields(config, fields))
}

/** An empty one as the system has it. */
export function writtenFields({ write }: RestConfig, fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? write.empty]))
}

function headersOf(
  config: RestConfig,
  { expectedVersion, idempotencyKey }: Conditions,
): Record<string, string> {
  const { write, compareAndSet, etag } = config
  const headers: Record<string, string> = {}
  if (write.idempotencyKey) {
    const { header, quoted } = write.idempotencyKey
    headers[header] = quoted ? `"${idempotencyKey}"` : idempotencyKey
  }
  if (!compareAndSet || write.version.kind !== 'if-match' || expectedVersion === undefined) return headers
  return expectedVersion === null
    ? { ...headers, 'if-none-match': '*' }
    : { ...headers, 'if-match': etag(expectedVersion) }
}

function withQuery(path: string, query: Record<string, string>): string {
  return `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(query)}`
}

/** A version that came as a number goes back as one. */
function numberIfOne(version: string): string | number {
  return /^(?:0|[1-9]\d{0,14})$/.test(version) ? Number(version) : version
}
