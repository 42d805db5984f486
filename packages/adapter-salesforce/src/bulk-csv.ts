/** The CSV of bulk jobs: an empty field says nothing, `#N/A` empties one; and what jobs say went wrong. */
import type { Write } from '@skerry/bridge'
import type { Json } from '@skerry/core'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import type { ApiError } from './classify.ts'
import type { Kind } from './many.ts'

const EMPTIES = '#N/A'

/** Whether the values can be written as text that says the same. */
export function fitsCsv(write: Write): boolean {
  return (
    write.action === 'delete' ||
    (Object.values(write.fields).every((value) => typeof value !== 'object' || value === null) &&
      !Object.values(write.fields).includes(EMPTIES))
  )
}

export function csvOf(externalIdField: string, kind: Kind, writes: readonly Write[]): string {
  const records = writes.map((write) => {
    if (kind === 'delete') return { Id: write.id ?? '' }
    const fields = write.action === 'upsert' ? write.fields : {}
    const cells = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cellOf(value)]))
    return kind === 'create'
      ? { ...cells, [externalIdField]: write.externalId }
      : { Id: write.id ?? '', ...cells }
  })
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))]
  return stringify(records, { header: true, columns, quoted: true, quoted_empty: false })
}

function cellOf(value: Json): string {
  return value === null || value === '' ? EMPTIES : String(value)
}

/** Undefined for what is no CSV. */
export function recordsOf(text: string): Record<string, string>[] | undefined {
  try {
    return parse(text, { columns: true, bom: true, skip_empty_lines: true })
  } catch {
    return undefined
  }
}

/** `CODE:message:Field,Field --` */
export function errorOf(text: string): ApiError {
  const [match, code = '', message = '', fields = ''] = /^(\w+):(.*):([^:]*)--\s*$/s.exec(text) ?? []
  if (match === undefined) return { code: 'UNKNOWN_ERROR', message: text, fields: [] }
  return {
    code,
    message,
    fields: fields
      .split(',')
      .map((field) => field.trim())
      .filter(Boolean),
  }
}
