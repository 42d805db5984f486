/** Where a value comes from and where it went: what the audit log says of one field of one record, in words for people. */
import type { Json } from '@skerry/core'
import type { AuditEntry } from './audit-entry.ts'
import { type AuditTables, auditOf } from './audit-trail.ts'

export interface LineageStep {
  n: number
  /** Milliseconds since 1970. */
  at: number
  kind: AuditEntry['kind']
  /** The value that the step is about, where there is one. */
  value?: Json
  words: string
}

/** @param field of the record; absent: all that was done for the record */
export async function lineageOf(
  replica: AuditTables,
  system: string,
  record: string,
  field?: string,
): Promise<LineageStep[]> {
  const steps: LineageStep[] = []
  /** Keys of calls that wrote the field. */
  const calls = new Set<string>()
  for await (const entry of auditOf(replica, system, record)) {
    const step = stepOf(entry, system, field, calls)
    if (step) steps.push({ n: entry.n, at: entry.at, kind: entry.kind, ...step })
  }
  return steps
}

type Step = Pick<LineageStep, 'words' | 'value'>

function stepOf(
  entry: AuditEntry,
  system: string,
  field: string | undefined,
  calls: Set<string>,
): Step | undefined {
  switch (entry.kind) {
    case 'begun':
      return begunStep(entry, system, field, calls)
    case 'answered':
      return calls.has(entry.key) ? { words: answerWords(entry, system) } : undefined
    case 'taken':
      return takenStep(entry, system, field)
    case 'echo':
      return field === undefined
        ? { words: `${system} shows ${entry.type} ${entry.rowId} as it is known, version ${entry.version}` }
        : undefined
    case 'dead':
      return { words: `cannot be written to ${system}: ${entry.reason}` }
    case 'decided':
      return {
        words: `${entry.by} decided: ${entry.what}`,
        ...(entry.value !== undefined && { value: entry.value }),
      }
  }
}

function begunStep(
  { action, fields, from, type, rowId, key, edits }: Extract<AuditEntry, { kind: 'begun' }>,
  system: string,
  field: string | undefined,
  calls: Set<string>,
): Step | undefined {
  const named = Object.keys(fields).filter((external) => field === undefined || from[external] === field)
  if (action === 'upsert' && named.length === 0) return undefined
  calls.add(key)
  const row = rowId === undefined ? `a new ${type}` : `${type} ${rowId}`
  const authors = Object.keys(edits).length
  const words =
    action === 'delete'
      ? `${row} of ${system} is to be deleted`
      : `${named.join(', ')} of ${row} of ${system} ${named.length === 1 ? 'is' : 'are'} to be written, from edits of ${authors} ${authors === 1 ? 'device' : 'devices'}`
  const [external] = named
  return field !== undefined && external !== undefined ? { words, value: fields[external]! } : { words }
}

function answerWords(
  { answer, rowId, version, reason }: Extract<AuditEntry, { kind: 'answered' }>,
  system: string,
): string {
  const at = rowId === undefined ? '' : `, row ${rowId}${version ? ` in version ${version}` : ''}`
  return `${system} answered ${answer}${at}${reason ? `: ${reason}` : ''}`
}

function takenStep(
  { type, rowId, version, by, fields, deleted }: Extract<AuditEntry, { kind: 'taken' }>,
  system: string,
  field: string | undefined,
): Step | undefined {
  const who = `${type} ${rowId} of ${system} in version ${version}${by ? ` by ${by}` : ''}`
  if (deleted) return { words: `${who} is deleted` }
  if (field === undefined) {
    const names = Object.keys(fields)
    return { words: names.length === 0 ? `${who} says nothing new` : `${who} changes ${names.join(', ')}` }
  }
  const change = fields[field]
  if (!change) return undefined
  const { theirs, became, rule } = change
  const won = JSON.stringify(theirs) === JSON.stringify(became) ? 'is taken' : 'is overruled'
  return { words: `${who} says ${JSON.stringify(theirs)}, which ${won} (${rule})`, value: became }
}
