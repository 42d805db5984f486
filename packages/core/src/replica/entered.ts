/**
 * What the hub said of who holds a record, before it told the record itself. A snapshot stands at the sequence of the last entry it replaced, and so may stand above the marks
 * with which its record entered its channels: a reader from the beginning hears first that the record entered, and then, perhaps in a later session, the record.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { countAgain } from '../digest/digest-tables.ts'
import type { OpenRecord } from './open-record.ts'
import type { Turn } from './turn.ts'

/** By record: the channels that it entered. */
const ENTERED_TABLE = 'entered'
const PAGE_ROWS = 500

/** Of a record that is not here. */
export async function noteEntered(
  turn: Turn,
  { kind, channel, record }: { kind: 'enter' | 'leave'; channel: string; record: string },
): Promise<void> {
  const known = await readEntered(turn, record)
  if (kind === 'enter') write(turn, record, [...new Set([...known, channel])].sort())
  else if (known.length > 0)
    write(
      turn,
      record,
      known.filter((one) => one !== channel),
    )
}

/** The record has come: whatever channels it entered before hold it. */
export async function settleEntered(turn: Turn, key: string): Promise<void> {
  const entered = await readEntered(turn, key)
  if (entered.length === 0) return
  const record = await turn.open(key)
  record.frontier.held = [...new Set([...record.frontier.held, ...entered])].sort()
  await standWhereHeld(turn, record)
  turn.touch(record)
  write(turn, key, [])
}

/** Of a record that has gone, or cannot be read here, no value says in which channels it is: it is where it is held. */
export async function standWhereHeld(
  turn: Turn,
  { key, frontier, isGone, collection }: OpenRecord,
): Promise<void> {
  if (isGone && frontier.held.length > 0) frontier.channels = frontier.held
  if (isGone || !collection) await countAgain(turn, key)
}

/** What was said of these channels is void. */
export async function forgetEntered(turn: Turn, lost: (channel: string) => boolean): Promise<void> {
  for (let after: string | undefined; ; ) {
    const rows = await turn.scan(
      ENTERED_TABLE,
      after === undefined ? { limit: PAGE_ROWS } : { after, limit: PAGE_ROWS },
    )
    for (const { key, value } of rows) {
      const channels = decode(value)
      const left = channels.filter((channel) => !lost(channel))
      if (left.length < channels.length) write(turn, key, left)
    }
    if (rows.length < PAGE_ROWS) return
    after = rows.at(-1)!.key
  }
}

async function readEntered(turn: Turn, record: string): Promise<string[]> {
  const value = await turn.get(ENTERED_TABLE, record)
  return value ? decode(value) : []
}

function write(turn: Turn, record: string, channels: readonly string[]): void {
  turn.put(ENTERED_TABLE, record, channels.length > 0 ? encodeUtf8(JSON.stringify(channels)) : undefined)
}

function decode(value: Uint8Array): string[] {
  return JSON.parse(decodeUtf8(value) ?? '[]') as string[]
}
