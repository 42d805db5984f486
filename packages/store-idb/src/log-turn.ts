/**
 * Getting Chromium off a log that a kill may have cut short (rule O-6). All databases of an origin lie in one LevelDB, whose newest changes are in a log file. Who kills the browser in the middle of a write leaves
 * half a record at the log's end; the next start passes over that, and appends to the same file; the start after that finds a record that does not fit its checksum, in the middle of the log, and Chromium then deletes
 * everything the origin has. (Seen with Chromium 156 in two of two runs of 100 kills. On ChromeOS it never appends to a log that it found, for that reason.)
 *
 *      log 20: … half a record │ appended …     → deleted at the start after next
 *      log 20: … half a record │ turn           → log 20 is flushed into a table and removed; what comes is in log 21
 *
 * LevelDB begins a new log when what it holds in memory has become LOG_BYTES, and waits for the flush of the older one before it begins a third. So after two turns the log that was found is gone.
 */
import { StoreError } from '@skerry/core'
import type { Connection, Writing } from './connection.ts'

/** LevelDB's write buffer is 4 MiB at most. */
const LOG_BYTES = 4.25 * 1024 * 1024
/** Larger values go into files of their own, and not into the log. */
const VALUE_BYTES = 60_000
const TURNS = 2

/** Key of `meta`. Where it is, nothing was cut short. */
export const CLOSED = 'closed'

/** For a database that is not new, and was not closed by whoever had it open. Never fails for want of room: what is stored is no worse off than before. @throws StoreError io */
export async function turnLog(connection: Connection): Promise<void> {
  if (!isChromium()) return
  const value = new Uint8Array(VALUE_BYTES)
  const values = Math.ceil(LOG_BYTES / VALUE_BYTES)
  const write = (use: (tx: Writing<'scratch'>) => Promise<unknown>) =>
    connection.write('turn the log of', ['scratch'], use, 'relaxed')
  try {
    for (let turn = 0; turn < TURNS; turn += 1) {
      await write((tx) =>
        Promise.all(Array.from({ length: values }, (_, at) => tx.objectStore('scratch').put(value, at))),
      )
      await write((tx) => tx.objectStore('scratch').clear())
    }
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'full')) throw error
  }
}

/** Where that cannot be written, the next one to open turns the log. */
export async function noteClosed(connection: Connection): Promise<void> {
  const put = (tx: Writing<'meta'>) => tx.objectStore('meta').put('', CLOSED)
  await connection.write('close', ['meta'], put).catch((error: unknown) => {
    if (!(error instanceof StoreError)) throw error
  })
}

function isChromium(): boolean {
  return 'userAgentData' in navigator
}
