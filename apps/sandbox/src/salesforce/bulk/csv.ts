/** The CSV of bulk jobs: an empty field says nothing, `#N/A` empties one. */
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { Refusal } from '../refusal.ts'
import { delimiters, type Job, type JobRecord, lineEndings } from './jobs.ts'

const empties = '#N/A'

type Form = Pick<Job, 'columnDelimiter' | 'lineEnding'>

/** @throws Refusal INVALIDBATCH */
export function recordsOfCsv(data: string, { columnDelimiter }: Form): Record<string, string>[] {
  try {
    return parse(data, {
      columns: true,
      bom: true,
      skip_empty_lines: true,
      delimiter: delimiters[columnDelimiter],
    })
  } catch (cause) {
    throw new Refusal(
      'INVALIDBATCH',
      `the data is no CSV: ${cause instanceof Error ? cause.message : String(cause)}`,
    )
  }
}

/** The fields that a record writes. */
export function fieldsOfRecord(record: Readonly<Record<string, string>>): Record<string, string | null> {
  const given = Object.entries(record).filter(([, value]) => value !== '')
  return Object.fromEntries(given.map(([name, value]) => [name, value === empties ? null : value]))
}

/** @param columns first of all, also when there is no record */
export function csvOfRecords(
  columns: readonly string[],
  records: readonly JobRecord[],
  { columnDelimiter, lineEnding }: Form,
): string {
  const rows = records.map(({ about, record }) => ({ ...about, ...record }))
  const names = [...new Set([...columns, ...Object.keys(rows[0] ?? {})])]
  return stringify(rows, {
    header: true,
    columns: names,
    quoted: true,
    delimiter: delimiters[columnDelimiter],
    record_delimiter: lineEndings[lineEnding],
  })
}
