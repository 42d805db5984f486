/**
 * A store whose damaged rows are seen to. What a table holds can often be learnt anew: such a row is dropped, and whoever keeps it makes it again, as it does where it never was. A record's row is made anew of its entries,
 * in a turn of its own: whoever reads it waits for that, and a turn is run again afterwards (writer.ts). Entries are another matter (store/sound-log.ts).
 */
import {
  AGAIN_TABLE,
  COUNT_ANEW,
  STATE_TABLE as DIGEST_STATE_TABLE,
  POSITION_KEY,
} from '../digest/digest-tables.ts'
import { type Damage, emptyBatch, type Store, StoreDamage, type TableWrite } from '../store/port.ts'
import { RECEIPTS_TABLE } from './receipts.ts'

/** Without a row of these all goes on: a position begins anew, what was noted is noted again, what was shown comes with its record, what was parked is told again. */
const droppable: ReadonlySet<string> = new Set([
  'cursors',
  'acknowledged',
  'entered',
  'marked',
  'views',
  'shipped',
  'parked',
  'quarantined',
  'loading',
  AGAIN_TABLE,
])

export interface TendedParts {
  /** Makes the record's row anew. Rejects when that cannot be. */
  remakeRow(record: string): Promise<void>
  /** False while a turn is being run, which may be what reads. */
  mayWait(): boolean
  /** What nobody waits for went wrong. */
  failed(record: string, error: unknown): void
  /** A row was dropped, durably. */
  dropped(table: string, key: string): void
}

export function tendedStore(store: Store, parts: TendedParts): Store {
  async function rows<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await read()
      } catch (error) {
        if (!(error instanceof StoreDamage) || !('record' in error.damage)) throw error
        const { record } = error.damage
        const remade = parts.remakeRow(record)
        if (!parts.mayWait()) {
          remade.catch((cause) => parts.failed(record, cause))
          throw error
        }
        await remade
      }
    }
  }

  /** Each time round one row less is damaged. */
  async function pairs<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await read()
      } catch (error) {
        const tables = error instanceof StoreDamage ? goingWith(error.damage) : undefined
        if (!tables) throw error
        await store.commit({ ...emptyBatch, tables })
        parts.dropped(tables[0]!.table, tables[0]!.key)
      }
    }
  }

  return {
    open: (run) => store.open(run),
    commit: (batch) => store.commit(batch),
    readLog: (after, limit) => store.readLog(after, limit),
    readChannels: (after, limit) => store.readChannels(after, limit),
    readRecord: (record) => store.readRecord(record),
    readEntries: (seqs) => store.readEntries(seqs),
    readMarks: (record) => store.readMarks(record),
    rows: (records) => rows(() => store.rows(records)),
    scanRows: (collection, after, limit) => rows(() => store.scanRows(collection, after, limit)),
    findRows: (collection, equals) => rows(() => store.findRows(collection, equals)),
    channelRows: (channel, after, limit) => rows(() => store.channelRows(channel, after, limit)),
    get: (table, key) => pairs(() => store.get(table, key)),
    scan: (table, range) => pairs(() => store.scan(table, range)),
    size: () => store.size(),
    close: () => store.close(),
  }
}

/** What is written so that the row is made anew; undefined where nothing can tell what it said. */
function goingWith(damage: Damage): TableWrite[] | undefined {
  if ('record' in damage) return undefined
  const gone = { ...damage, value: undefined }
  const { table, key } = damage
  if (table.startsWith('digest-') && table !== AGAIN_TABLE)
    return [gone, { table: DIGEST_STATE_TABLE, key: POSITION_KEY, value: COUNT_ANEW }]
  // Told by a peer again, as it is not among what is said to be here.
  if (table === RECEIPTS_TABLE)
    return [gone, { table: AGAIN_TABLE, key: key.slice(0, key.indexOf('\n')), value: Uint8Array.of(0) }]
  return droppable.has(table) || (table === 'state' && key === 'upkeep') ? [gone] : undefined
}
