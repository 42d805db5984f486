/**
 * The format of what a replica keeps in its own tables (cursors, answers, identity, positions): a number in the table `state`, which every store has. A store has a format of its own, below
 * this one. An older number is brought up step by step, each in one commit with the number it leads to; a newer one is refused, before anything is read.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { emptyBatch, type Store, StoreError, type TableWrite } from '../store/port.ts'

const STATE_TABLE = 'state'
const FORMAT_KEY = 'format'
/** Raise it with every change of what a row means, and add the step that leads to it. */
const TABLE_FORMAT = 1

/** Reads rows and gives what is to be written; it may be asked again after a crash, before anything of it was written. */
export type TableStep = (store: Store) => Promise<readonly TableWrite[]>

export interface TableFormat {
  version: number
  /** By the format each starts from; 0 is a store from before the number was written, or an empty one. */
  steps: Readonly<Record<number, TableStep>>
}

/** Format 1 is what was written before there was a number. */
export const presentTables: TableFormat = { version: TABLE_FORMAT, steps: { 0: async () => [] } }

/** @throws StoreError newer-format; corrupt (no step leads on); as `commit` */
export async function bringTablesUp(store: Store, format: TableFormat = presentTables): Promise<void> {
  let version = await readFormat(store)
  if (version > format.version)
    throw new StoreError(
      'newer-format',
      `open: this replica's tables have format ${version}, this version reads up to ${format.version}; upgrade, or restore a backup made before the upgrade`,
    )
  for (; version < format.version; version++) {
    const step = format.steps[version]
    if (!step)
      throw new StoreError(
        'corrupt',
        `open: this replica's tables have format ${version}, from which no step leads on; open it with an older version first`,
      )
    const value = encodeUtf8(String(version + 1))
    const tables = [...(await step(store)), { table: STATE_TABLE, key: FORMAT_KEY, value }]
    await store.commit({ ...emptyBatch, tables })
  }
}

async function readFormat(store: Store): Promise<number> {
  const value = await store.get(STATE_TABLE, FORMAT_KEY)
  return value ? Number(decodeUtf8(value)) : 0
}
