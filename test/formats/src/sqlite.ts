/** A log in an SQLite file, as packages/store-sqlite/SPEC.md has it. Whatever that page says of a row is checked while it is read. */
import { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'

type Row = Record<string, string | number | Uint8Array | null>

/** S-1 */
function keyOfText(text: string): string {
  let key = ''
  for (let at = 0; at < text.length; at++) {
    const isEscaped = text.charCodeAt(at) === 0xd7ff
    key += isEscaped ? String.fromCharCode(0xd7ff + text.charCodeAt(++at) - 0x20) : text[at]
  }
  return key
}

/** S-3 */
function mix(numbers: readonly number[], start = 0): number {
  return numbers.reduce(
    (sum, n) => (Math.imul(sum, 0x9e3779b1) + (n % 2 ** 32) + Math.floor(n / 2 ** 32)) >>> 0,
    start,
  )
}

const textOf = (...parts: (string | number)[]) => crc32(parts.join('\n'))

export interface LogFile {
  log: string
  place: { machine: string; host: string; path: string; inode: number; bornAt: number }
  head: number
  runs: { run: string; first: number }[]
  entries: {
    seq: number
    record: string
    kind: number
    origin: { run: string; seq: number } | undefined
    channels: string[]
    bytes: Uint8Array
  }[]
  records: { record: string; indexed: [string, string][]; frontier: Uint8Array; view: string | null }[]
  marks: { record: string; channel: string; seq: number; enter: boolean }[]
  pairs: { table: string; key: string; value: Uint8Array }[]
}

/** `counts`: hold what is there against what the file says is there. */
export function readLogFile(path: string, { counts } = { counts: true }): LogFile {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    return readAll((table) => db.prepare(`SELECT * FROM ${table}`).all() as Row[], {
      application: db.prepare('PRAGMA application_id').get()!.application_id as number,
      format: db.prepare('PRAGMA user_version').get()!.user_version as number,
      counts,
    })
  } finally {
    db.close()
  }
}

function checked(row: Row, crc: number, what: string): Row {
  if (row.crc !== crc) throw new Error(`${what}: its checksum is ${row.crc}, and ${crc} was to be expected`)
  return row
}

function readAll(
  rowsOf: (table: string) => Row[],
  { application, format, counts }: { application: number; format: number; counts: boolean },
): LogFile {
  if (application !== 0x736b7279 || format !== 1) throw new Error('no log of format 1')
  const meta = new Map(
    rowsOf('meta').map((row) => {
      checked(row, textOf(row.key as string, row.value as string), `meta ${row.key}`)
      return [row.key, row.value as string]
    }),
  )
  const names = new Map(
    rowsOf('names').map((row) => {
      checked(row, textOf(row.kind as string, row.name as string), `name ${row.id}`)
      const name = row.kind === 'o' ? (row.name as string) : keyOfText(row.name as string)
      return [row.id as number, { kind: row.kind as string, name }]
    }),
  )
  const nameOf = (id: number, kind: string) => {
    const found = names.get(id)
    if (found?.kind !== kind) throw new Error(`name ${id} is no ${kind}`)
    return found.name
  }
  const [state] = rowsOf('state')
  const { head, entries: entryCount, records: recordCount } = state as Record<string, number>
  checked(state!, mix([head!, entryCount!, recordCount!]), 'state')
  const keys = new Map(rowsOf('records').map((row) => [row.id as number, row.record as string]))
  const keyOf = (id: number) => keyOfText(keys.get(id) ?? raise(`record ${id}`))
  const entries = rowsOf('entries').map((row) => readEntryRow(row, keys, nameOf))
  const records = rowsOf('records').flatMap((row) => (row.crc === null ? [] : [readRecordRow(row)]))
  const isComplete = entries.length === entryCount && records.length === recordCount
  if (counts && !isComplete) throw new Error('state counts others')
  checkIndex(rowsOf('channel_entries'), entries, { nameOf, keyOf })
  return {
    log: meta.get('log')!,
    place: JSON.parse(meta.get('place')!),
    head: head!,
    runs: rowsOf('runs').map((row) => {
      checked(row, textOf(row.run as string, row.first as number), `run ${row.run}`)
      return { run: row.run as string, first: row.first as number }
    }),
    entries,
    records,
    marks: rowsOf('marks').map(({ record, channel, seq, enter }) => ({
      record: keyOf(record as number),
      channel: nameOf(channel as number, 'c'),
      seq: seq as number,
      enter: enter === 1,
    })),
    pairs: rowsOf('pairs').map((row) => {
      checked(row, crc32(row.value as Uint8Array, crc32(row.key as string)), `pair ${row.key}`)
      return {
        table: nameOf(row.name as number, 't'),
        key: keyOfText(row.key as string),
        value: row.value as Uint8Array,
      }
    }),
  }
}

function readEntryRow(
  row: Row,
  keys: ReadonlyMap<number, string>,
  nameOf: (id: number, kind: string) => string,
) {
  const { seq, record, kind, origin, origin_seq, channels, bytes } = row
  const key = keys.get(record as number) ?? raise(`record ${record}`)
  const numbers = [seq, kind, origin ?? 0, origin_seq ?? 0] as number[]
  checked(row, crc32(bytes as Uint8Array, mix(numbers, crc32(key))), `entry ${seq}`)
  return {
    seq: seq as number,
    record: keyOfText(key),
    kind: kind as number,
    origin: origin === null ? undefined : { run: nameOf(origin as number, 'o'), seq: origin_seq as number },
    channels: channels === null ? [] : (channels as string).split(',').map((id) => nameOf(Number(id), 'c')),
    bytes: bytes as Uint8Array,
  }
}

function readRecordRow(row: Row) {
  const { record, indexed, frontier, view } = row as Record<string, string> & { frontier: Uint8Array }
  checked(row, crc32(`${record}\n${indexed}\n${view ?? ''}`, crc32(frontier)), `row ${record}`)
  return {
    record: keyOfText(record!),
    indexed: JSON.parse(indexed!) as [string, string][],
    frontier,
    view: view ?? null,
  }
}

function checkIndex(
  rows: readonly Row[],
  entries: LogFile['entries'],
  { nameOf, keyOf }: { nameOf(id: number, kind: string): string; keyOf(id: number): string },
): void {
  const indexed = rows.map(
    ({ channel, seq, record }) => `${nameOf(channel as number, 'c')} ${seq} ${keyOf(record as number)}`,
  )
  const listed = entries.flatMap(({ seq, record, channels }) =>
    channels.map((channel) => `${channel} ${seq} ${record}`),
  )
  if (indexed.sort().join() !== listed.sort().join()) throw new Error('the channel index is of other entries')
}

function raise(what: string): never {
  throw new Error(`${what} is in no row`)
}
