/** The views that a hub tells (session rules U1 to U3): from rows, without loading a document. */
import { decodeFrontier } from '../log/frontier.ts'
import type { Collection } from '../records/collection.ts'
import {
  FRAME_BYTES_MAX,
  RECORD_BYTES_MAX,
  VIEW_HEADS_LENGTH_MAX,
  VIEW_LENGTH_MAX,
  VIEW_ROWS_MAX,
} from '../session/limits.ts'
import type { ToldView, ViewPage } from '../session/port.ts'
import type { RecordRow, Seq } from '../store/port.ts'
import type { ReplicaCore } from './replica-core.ts'
import { shortHeads } from './shipped-views.ts'

const PAGE = { entries: VIEW_ROWS_MAX, bytes: FRAME_BYTES_MAX }

export async function readViews(
  { store, collections, damage }: Pick<ReplicaCore, 'store' | 'collections' | 'damage'>,
  channel: string,
  after: Seq,
  told: ReadonlySet<string>,
): Promise<ViewPage> {
  const rows = await store.channelRows(channel, after, PAGE)
  const views: ToldView[] = []
  let leftOut = false
  for (const { row } of rows) {
    const view = damage.has(row.record) ? undefined : viewOf(row, collections, told)
    if (view === undefined) continue
    if (isWithinLimits(view)) views.push(view)
    else leftOut = true
  }
  return { views, leftOut, next: rows.at(-1)?.seq }
}

function viewOf(
  { record, collection, view, frontier }: RecordRow,
  collections: ReadonlyMap<string, Collection>,
  told: ReadonlySet<string>,
): ToldView | undefined {
  const versions = collections.get(collection)?.versions
  if (!versions || view === undefined) return undefined
  const { heads, channels } = decodeFrontier(frontier)
  if (told.size > 0 && channels.some((channel) => told.has(channel))) return undefined
  return { record, version: versions.number, heads: shortHeads(heads), view }
}

function isWithinLimits({ record, heads, view }: ToldView): boolean {
  return (
    view.length <= VIEW_LENGTH_MAX &&
    heads.length <= VIEW_HEADS_LENGTH_MAX &&
    record.length * 3 <= RECORD_BYTES_MAX
  )
}
