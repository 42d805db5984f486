/** An entry of the audit log in words, for people. */
import type { Json } from '@skerry/core'
import type { AuditEntry } from './audit-entry.ts'
import type { AuditEdit } from './audit-fact.ts'
import type { PlainValues } from './plain-values.ts'

type EntryOf<Kind extends AuditEntry['kind']> = Extract<AuditEntry, { kind: Kind }>

/** @param field of the record; undefined: about all of them */
export function wordsOf(
  entry: AuditEntry,
  system: string,
  field: string | undefined,
  plain: PlainValues,
): string {
  switch (entry.kind) {
    case 'noticed':
      return noticed(entry, system)
    case 'begun':
      return begun(entry, system, field, plain)
    case 'answered':
      return `${system} answered ${entry.answer}${rowAt(entry)}${tried(entry.attempts)}${blaming(entry)}${reasonOf(entry, plain)}`
    case 'taken':
      return taken(entry, system, field, plain)
    case 'echo':
      return `${system} shows ${entry.type} ${entry.rowId} as it was written, version ${entry.version}`
    case 'unchanged':
      return `${system} shows ${entry.type} ${entry.rowId} in version ${entry.version}, with nothing new in it`
    case 'told':
      return `everybody was told: ${entry.outcome}${entry.rule ? ` by the rule ${entry.rule}` : ''}${about(entry.fields)}${reasonOf(entry, plain)}`
    case 'decided':
      return `${entry.by} decided ${entry.field || 'the whole record'}: ${entry.decision === 'value' ? shown(plain.of(entry.field, 'became')) : `${entry.decision} stands`}`
    case 'approved':
      return `${entry.by} approved the write`
    case 'refused':
      return `${entry.by} refused the write`
    case 'retried':
      return `${entry.by} had the dead letter tried again`
    case 'paired':
      return `${entry.by} said that ${entry.type} ${entry.rowId} is ${entry.answer === 'same' ? 'this record' : 'another thing'}`
    case 'merged':
      return entry.as === 'survivor'
        ? `${entry.by} merged ${entry.other} into this record`
        : `${entry.by} merged this record into ${entry.other}`
    case 'aside':
      return `${entry.type} ${entry.rowId} in version ${entry.version} was set aside${reasonOf(entry, plain)}`
    case 'erased':
      return `${entry.by} erased what was kept of it`
    case 'cut':
      return `${entry.by} cut the log off up to entry ${entry.upTo}`
    case 'started':
      return `the log is written from here on, by the mappings ${entry.mappings.slice(0, 12)}`
    case 'stopped':
      return 'the log is not written any more'
  }
}

function noticed({ action, fields, type, waitsFor }: EntryOf<'noticed'>, system: string): string {
  const what = action === 'delete' ? 'its deletion' : fields.join(', ') || 'nothing but defaults'
  const waits = waitsFor ? `; it waits for ${waitsFor.join(', ')}` : ''
  return `an edit was seen: ${what} is to be written to ${type} of ${system} (${action})${waits}`
}

function begun(
  { action, fields, type, rowId, expectedVersion }: EntryOf<'begun'>,
  system: string,
  field: string | undefined,
  plain: PlainValues,
): string {
  const row = rowId === undefined ? `a new ${type}` : `${type} ${rowId}`
  const at = expectedVersion === null ? '' : `, which must be in version ${expectedVersion}`
  if (action === 'delete') return `${row} of ${system} is to be deleted${at}`
  const named = Object.entries(fields).filter(([name]) => field === undefined || name === field)
  const writes = named.map(
    ([name, { external, edit }]) =>
      `${name} as ${external}, ${shown(plain.of(name, 'sent'))}, from ${edit ? editWords(edit) : 'a rule or another system'}`,
  )
  return `the call was made up: ${writes.join('; ') || 'nothing mapped'}; to ${row} of ${system}${at}`
}

function editWords({ run, seq, by, at }: AuditEdit): string {
  const who = by === undefined ? 'somebody' : by
  return `the edit of ${who}${at === undefined ? '' : ` at ${new Date(at).toISOString()}`} (${run.slice(0, 10)}… ${seq})`
}

function taken(
  entry: EntryOf<'taken'>,
  system: string,
  field: string | undefined,
  plain: PlainValues,
): string {
  const { type, rowId, version, by, fields } = entry
  const walk = entry.via === 'walk' ? ', found by comparing both sides' : ''
  const who = `${type} ${rowId} of ${system} in version ${version}${by ? ` by ${by}` : ''}${walk}`
  const decider = entry.decidedBy === undefined ? '' : `, as ${entry.decidedBy} decided`
  if (entry.deleted)
    return `${who} is deleted; the record ${entry.recordDeleted ? 'too' : 'lives on'}${decider}`
  const named = Object.entries(fields).filter(([name]) => field === undefined || name === field)
  const changes = named.map(([name, { winner, rule }]) => {
    const theirs = shown(plain.of(name, 'theirs'))
    return `${name} ${theirs} ${fates[winner]}${rule ? ` (${rule})` : ''}`
  })
  const what = entry.made ? 'became the record' : 'was taken in'
  const gone = entry.recordDeleted ? '; the record stays deleted' : ''
  return `${who} ${what}: ${changes.join('; ') || 'nothing that differs'}${gone}${decider}`
}

const fates: Record<EntryOf<'taken'>['fields'][string]['winner'], string> = {
  ours: 'is overruled',
  theirs: 'is taken',
  both: 'is merged',
  made: 'gave another value',
  review: 'waits for a person',
  same: 'is what was here already',
}

function rowAt({ rowId, version }: { rowId?: string; version?: string }): string {
  return rowId === undefined ? '' : `, row ${rowId}${version ? ` in version ${version}` : ''}`
}

function tried(attempts: number): string {
  return attempts > 1 ? `, at try ${attempts}` : ''
}

function blaming({ blamed = [] }: EntryOf<'answered'>): string {
  return about(blamed)
}

function about(fields: readonly string[]): string {
  return fields.length === 0 ? '' : `, about ${fields.map((name) => name || 'the record').join(', ')}`
}

function reasonOf(entry: AuditEntry, plain: PlainValues): string {
  if (entry.reason === undefined) return ''
  return `: ${plain.reason() ?? '(its words are not kept)'}`
}

function shown(value: Json | undefined): string {
  return value === undefined ? '(a value that is not kept)' : JSON.stringify(value)
}
