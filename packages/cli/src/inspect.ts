/** What `skerry inspect` tells of a store, one function for each question; each reads beside a running node and writes nothing. */
import { decodeFrontier } from '@skerry/core'
import {
  inspectEntries,
  inspectFrontiers,
  inspectRecords,
  inspectSqlite,
  inspectTable,
  verifySqlite,
} from '@skerry/store-sqlite'
import { CliError } from './cli-error.ts'
import { nearest } from './nearest.ts'
import type { Question } from './question.ts'
import { table } from './table.ts'

export interface InspectOptions {
  collection?: string
  after?: string
  limit: number
}

export interface Inspection {
  /** For --json. */
  data: unknown
  /** For people. */
  text: string
  /** How many things are wrong with the store; absent where nobody looked. */
  problems?: number
}

export const questions: Readonly<Record<Question, (path: string, options: InspectOptions) => Inspection>> = {
  summary,
  records,
  heads,
  log,
  cursors,
  channels,
  quarantine,
  sizes,
  verify,
}

function summary(path: string): Inspection {
  const report = inspectSqlite(path)
  const { log: id, runs, head, size, lastCommitAt, collections } = report
  const lines = [
    `log        ${id}`,
    `head       ${head}, in ${runs.length} runs`,
    `entries    ${size.entries}`,
    `records    ${size.records}`,
    `size       ${size.bytes} bytes`,
    `committed  ${lastCommitAt ?? 'never'}`,
  ]
  const rows = Object.entries(collections).map(([name, { records: all, deleted }]) => [name, all, deleted])
  return { data: report, text: `${lines.join('\n')}\n\n${table(['collection', 'records', 'deleted'], rows)}` }
}

function records(path: string, options: InspectOptions): Inspection {
  const found = collectionsAsked(path, options).flatMap((collection) =>
    inspectRecords(path, { ...options, collection, limit: options.limit }),
  )
  const data = found.slice(0, options.limit)
  const rows = data.map((record) => {
    const value = record.deleted ? '(deleted)' : JSON.stringify(record.view)
    return [record.record, record.entries.length, record.channels.join(' '), value]
  })
  return { data, text: table(['record', 'entries', 'channels', 'value'], rows) }
}

function heads(path: string, options: InspectOptions): Inspection {
  const found = collectionsAsked(path, options).flatMap((collection) =>
    inspectFrontiers(path, { ...options, collection }),
  )
  const data = found.slice(0, options.limit).map(({ record, frontier }) => {
    const { heads: of, seqs, maxOp, channels: in_, held, deleted } = decodeFrontier(frontier)
    return { record, heads: of, actors: seqs.size, operations: maxOp, channels: in_, held, deleted }
  })
  const rows = data.map((row) => [
    row.record,
    row.heads.map((head) => head.slice(0, 12)).join(' '),
    row.actors,
    row.operations,
  ])
  return { data, text: table(['record', 'heads', 'actors', 'operations'], rows) }
}

function log(path: string, options: InspectOptions): Inspection {
  const after = options.after === undefined ? 0 : Number(options.after)
  if (!Number.isInteger(after))
    throw new CliError(
      'usage',
      `--after ${options.after}: entries of the log come after a sequence, a whole number`,
    )
  const data = inspectEntries(path, { after, limit: options.limit })
  const rows = data.map((entry) => {
    const { seq, record } = entry
    if ('damage' in entry) return [seq, 'DAMAGED', record, '', entry.damage]
    const { kind, bytes, origin } = entry
    return [seq, kind, record, bytes, origin ? `${origin.run.slice(0, 8)}:${origin.seq}` : 'here']
  })
  return { data, text: table(['sequence', 'kind', 'record', 'bytes', 'heard'], rows) }
}

/** How far this replica has read others, and how far they have acknowledged it. */
function cursors(path: string, { limit }: InspectOptions): Inspection {
  const data = [
    ...rowsOf(path, 'cursors', limit).map(({ key, value }) => {
      const { seq } = (parsed(value) ?? {}) as { seq?: number }
      return { kind: 'read', log: key.slice(0, 32), channel: key.slice(33), sequence: seq ?? 0 }
    }),
    ...rowsOf(path, 'acknowledged', limit).map(({ key, value }) => {
      const answers = (parsed(value) ?? []) as { seq?: number }[]
      return { kind: 'acknowledged', log: key, channel: '*', sequence: answers.at(-1)?.seq ?? 0 }
    }),
  ]
  const rows = data.map(({ kind, log: of, channel, sequence }) => [kind, of, channel, sequence])
  return { data, text: table(['kind', 'log', 'channel', 'sequence'], rows) }
}

function channels(path: string): Inspection {
  const data = Object.entries(inspectSqlite(path).channels).map(([channel, entries]) => ({
    channel,
    entries,
  }))
  return {
    data,
    text: table(
      ['channel', 'entries'],
      data.map(({ channel, entries }) => [channel, entries]),
    ),
  }
}

/** Records that the replica does not load any more, because that did harm. */
function quarantine(path: string, { limit }: InspectOptions): Inspection {
  const data = rowsOf(path, 'quarantined', limit).map(({ key, value }) => {
    const { code, reason, at } = (parsed(value) ?? {}) as { code?: string; reason?: string; at?: number }
    return { record: key, code, reason, at: at === undefined ? undefined : new Date(at).toISOString() }
  })
  const rows = data.map(({ record, code, at, reason }) => [record, code ?? '', at ?? '', reason ?? ''])
  return { data, text: table(['record', 'code', 'since', 'reason'], rows) }
}

function sizes(path: string): Inspection {
  const { size, tables } = inspectSqlite(path)
  const rows = Object.entries(tables).map(([name, keys]) => [name, keys])
  const text = table(['part', 'rows'], [['entries', size.entries], ['records', size.records], ...rows])
  return { data: { ...size, tables }, text: `${text}\n\n${size.bytes} bytes` }
}

function verify(path: string): Inspection {
  const problems = verifySqlite(path)
  const text = problems.length === 0 ? 'nothing is wrong' : problems.join('\n')
  return { data: { problems }, text, problems: problems.length }
}

function collectionsAsked(path: string, { collection, after }: InspectOptions): string[] {
  if (after !== undefined && !after.includes('/'))
    throw new CliError('usage', `--after ${after}: records come after a record key, like jobs/${after}`)
  const known = Object.keys(inspectSqlite(path).collections)
  if (collection === undefined) return known
  if (known.includes(collection)) return [collection]
  const meant = nearest(collection, known)
  throw new CliError(
    'usage',
    `--collection ${collection}: not in this store; ${meant ? `did you mean '${meant}'?` : `it has ${known.join(', ') || 'none'}`}`,
  )
}

function rowsOf(path: string, name: string, limit: number) {
  return inspectTable(path, { table: name, limit })
}

/** A row that is not what we know is shown as nothing rather than hiding the others. */
function parsed(value: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(value))
  } catch {
    return undefined
  }
}
