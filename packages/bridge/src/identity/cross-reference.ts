/** Which record is which row of this system (SPEC B-130). */
import { decodeUtf8 } from '@skerry/core'
import type { Shared } from '../bridge-life.ts'
import { SCAN_ROWS } from '../limits.ts'
import { linkKey } from '../links.ts'
import { decodeShadowHead } from '../shadow.ts'
import { type TableKind, tableOf } from '../tables.ts'
import { mergesOf } from './merged.ts'

export interface CrossReference {
  /** Name of the bridge. */
  system: string
  record: string
  /** Absent for a record that has none. */
  row?: { type: string; id: string; externalId?: string; deleted: boolean }
  /** The record that it went into. */
  mergedInto?: string
  /** Records that went into it. */
  merged: readonly string[]
}

/** @param of a record key, or a row */
export async function crossReference(
  shared: Shared,
  of: string | { type: string; row: string },
): Promise<CrossReference | undefined> {
  const record = typeof of === 'string' ? of : await recordOfRow(shared, of)
  return record === undefined ? undefined : referenceOf(shared, record)
}

export async function* crossReferences(shared: Shared): AsyncGenerator<CrossReference> {
  const types = [...new Set(shared.context.mappings.map(({ type }) => type))].sort()
  for (const type of types) {
    const prefix = linkKey(type, { id: '' })
    for (let after: string | undefined; ; ) {
      const rows = await shared.replica.tableRows(tableOf(shared.context.system, 'links'), {
        prefix,
        limit: SCAN_ROWS,
        ...(after !== undefined && { after }),
      })
      for (const { key, value } of rows) {
        const reference = await referenceOf(shared, decodeUtf8(value) ?? '')
        // A link may lead to a record that went on with another row.
        if (reference?.row?.id === key.slice(prefix.length)) yield reference
      }
      after = rows.at(-1)?.key
      if (rows.length < SCAN_ROWS) break
    }
  }
}

async function referenceOf(shared: Shared, record: string): Promise<CrossReference | undefined> {
  const bytes = await read(shared, 'shadow', record)
  const { mergedInto, merged } = await mergesOf(shared, record)
  if (!bytes && mergedInto === undefined && merged.length === 0) return undefined
  return {
    system: shared.context.system,
    record,
    ...(bytes && { row: rowIn(record, bytes) }),
    ...(mergedInto !== undefined && { mergedInto }),
    merged,
  }
}

function rowIn(record: string, bytes: Uint8Array): NonNullable<CrossReference['row']> {
  const { type, rowId, externalId, gone } = decodeShadowHead(record, bytes)
  return { type, id: rowId, ...(externalId !== '' && { externalId }), deleted: gone }
}

async function recordOfRow(
  shared: Shared,
  { type, row }: { type: string; row: string },
): Promise<string | undefined> {
  const link = await read(shared, 'links', linkKey(type, { id: row }))
  const record = link && decodeUtf8(link)
  if (!record) return undefined
  const shadow = await read(shared, 'shadow', record)
  return shadow && decodeShadowHead(record, shadow).rowId === row ? record : undefined
}

function read({ replica, context }: Shared, kind: TableKind, key: string): Promise<Uint8Array | undefined> {
  return replica.table(tableOf(context.system, kind), key)
}
