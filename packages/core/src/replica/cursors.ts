/**
 * How far this replica has read other replicas' logs, per log and channel. A position counts for the node that told up to it: whoever names the log of another one could otherwise make this
 * replica pass over what that one has not told yet.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import type { Cursor, PeerAddress, Want } from '../session/port.ts'
import type { Seq, Store } from '../store/port.ts'
import type { Turn } from './turn.ts'

const CURSORS_TABLE = 'cursors'
/** Stands for the whole log where a channel's name would. */
export const WHOLE_LOG = '*'
/** No channel has this name: the log told something, whatever became of its cursors. */
const TOLD = ''

function cursorKey(log: string, channel: string): string {
  return `${log}/${channel}`
}

interface Position {
  run: string
  seq: Seq
  /** Absent in rows of earlier versions. */
  node?: string
}

export async function readCursor(
  store: Store,
  { log, node }: Pick<PeerAddress, 'log' | 'node'>,
  channel = WHOLE_LOG,
): Promise<Cursor | undefined> {
  const value = await store.get(CURSORS_TABLE, cursorKey(log, channel))
  if (!value) return undefined
  const { run, seq, node: teller = node } = JSON.parse(decodeUtf8(value) ?? '{}') as Position
  return teller === node ? { log, run, seq } : undefined
}

/** Whether another replica ever told this one anything. */
export async function wasTold(store: Store): Promise<boolean> {
  return (await store.scan(CURSORS_TABLE, { limit: 1 })).length > 0
}

/** Every channel of the want now stands at the position, or where it stood if that is further. `node`: who told it. */
export function advanceCursors(turn: Turn, want: Want, position: Cursor, node: string): void {
  if (want.kind === 'log') writeCursor(turn, WHOLE_LOG, furthest(want.cursor, position), node)
  if (want.kind === 'channels')
    for (const [channel, cursor] of want.cursors) writeCursor(turn, channel, furthest(cursor, position), node)
}

function furthest(cursor: Cursor | undefined, position: Cursor): Cursor {
  return cursor && cursor.seq > position.seq ? cursor : position
}

function writeCursor(turn: Turn, channel: string, { log, run, seq }: Cursor, node: string): void {
  const position: Position = { run, seq, node }
  turn.put(CURSORS_TABLE, cursorKey(log, channel), encodeUtf8(JSON.stringify(position)))
}

/** These channels of that log (`*`: all of it) are read from the beginning. That it told something is not forgotten. */
export function forgetCursors(turn: Turn, log: string, channels: readonly string[]): void {
  if (channels.length > 0) turn.put(CURSORS_TABLE, cursorKey(log, TOLD), new Uint8Array())
  for (const channel of channels) turn.put(CURSORS_TABLE, cursorKey(log, channel), undefined)
}

/** Forgets the positions of a channel in all logs: if it is granted again, it is read from the beginning. */
export async function forgetChannel(turn: Turn, lost: (channel: string) => boolean): Promise<void> {
  let after = ''
  for (;;) {
    const rows = await turn.scan(CURSORS_TABLE, { after, limit: 500 })
    for (const { key } of rows)
      if (!key.endsWith('/') && lost(key.slice(key.indexOf('/') + 1))) turn.put(CURSORS_TABLE, key, undefined)
    if (rows.length < 500) return
    after = rows.at(-1)!.key
  }
}
