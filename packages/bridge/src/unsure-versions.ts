/**
 * Adapters whose versions cannot be trusted, made trustworthy (SPEC B-113): what comes from the system carries a digest of its mapped value in its version, and what goes there does not. So
 * everything else may go by versions.
 */
import { encodeUtf8, toHex } from '@skerry/core'
import type { Adapter, ExternalRow, ListAnswer, ReadAnswer, Write, WriteAnswer } from './adapter-port.ts'
import { canonical } from './canonical.ts'
import { mappingsOfType } from './choose-mapping.ts'
import type { BridgeContext } from './context.ts'
import { mappedValue } from './mapping.ts'

/** Between the system's version and the digest: no system writes it. */
const SEPARATOR = '\u001f'
/** 64 bits: only versions of one row are compared. */
const DIGEST_DIGITS = 16

type Hashing = Pick<BridgeContext, 'mappings' | 'host'>

export function withSureVersions(adapter: Adapter, context: Hashing): Adapter {
  if (adapter.capabilities.versions !== 'unsure') return adapter
  const { list, readMany, writeMany, writeBulk } = adapter
  const sure = (row: ExternalRow) => sureRow(context, row)
  const answered = <Answer extends ReadAnswer | WriteAnswer>(answer: Answer): Answer =>
    'row' in answer ? { ...answer, row: sure(answer.row) } : answer
  const writes = (given: readonly Write[]) => given.map(systemsOwn)
  return {
    ...adapter,
    read: async (...given) => answered(await adapter.read(...given)),
    changes: async (...given) => {
      const answer = await adapter.changes(...given)
      return answer.kind === 'page' ? { ...answer, rows: answer.rows.map(sure) } : answer
    },
    upsert: async (type, request, call) => answered(await adapter.upsert(type, systemsOwn(request), call)),
    delete: async (type, request, call) => answered(await adapter.delete(type, systemsOwn(request), call)),
    ...(list && { list: async (...given) => sureListing(context, await list(...given)) }),
    ...(readMany && { readMany: async (...given) => (await readMany(...given)).map(answered) }),
    ...(writeMany && {
      writeMany: async (type, given, call) => (await writeMany(type, writes(given), call)).map(answered),
    }),
    ...(writeBulk && {
      writeBulk: async (type, given, call) => (await writeBulk(type, writes(given), call)).map(answered),
    }),
  }
}

/** A listed version says nothing without the row, which is then read: no shadow has a version without a digest. */
function sureListing(context: Hashing, answer: ListAnswer): ListAnswer {
  if (answer.kind !== 'page') return answer
  const rows = answer.rows.map((listed) => {
    const row = listed.row && sureRow(context, listed.row)
    return { ...listed, row, version: row?.version ?? listed.version }
  })
  return { ...answer, rows }
}

function sureRow(context: Hashing, row: ExternalRow): ExternalRow {
  const values = mappingsOfType(context, row.type).map((mapping) => mappedValue(mapping, row))
  if (values.length === 0) return row
  const digest = toHex(context.host.sha256(encodeUtf8(values.map(canonical).join('\n'))))
  return { ...row, version: `${row.version}${SEPARATOR}${digest.slice(0, DIGEST_DIGITS)}` }
}

function systemsOwn<Request extends { expectedVersion?: string | null | undefined }>(
  request: Request,
): Request {
  const { expectedVersion } = request
  if (typeof expectedVersion !== 'string') return request
  return { ...request, expectedVersion: systemsVersion(expectedVersion) }
}

/** A version as the system gave it. */
export function systemsVersion(version: string): string {
  return version.split(SEPARATOR)[0]!
}
