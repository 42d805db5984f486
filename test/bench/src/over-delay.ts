/** An edge that syncs over a line that takes far longer than both ends: what an exchange takes, and who speaks after whom, then tells its round trips. */
import type { OpenHub } from './bench.ts'
import type { EdgeCommands } from './edge-process.ts'
import type { Measured } from './process.ts'
import { Relay } from './relay.ts'

/** Milliseconds until what follows being in step is said. */
const REST_MS = 300

/**
 * `delayMs`: one way. `toldTrips`: round trips until the last change from the hub was durable here (until all was, if there was none), by time. `exchanges`: round trips of the
 * session until it was in step, by who spoke after whom.
 */
export async function overDelay(hub: OpenHub, edge: Measured<EdgeCommands>, delayMs: number) {
  const relay = await Relay.start(hub.url, delayMs)
  try {
    const { connectMs, toldMs, ms, bytesIn, bytesOut } = await edge.call.sync(relay.urlOf(hub.url))
    // The first was HTTP's upgrade.
    const exchanges = relay.exchanges - 1
    await edge.call.rest(REST_MS)
    const wireBytes = relay.bytes.up + relay.bytes.down
    await edge.call.disconnect()
    const toldTrips = Math.round(((toldMs || ms) - connectMs) / (2 * delayMs))
    return { toldTrips, exchanges, bytes: bytesIn + bytesOut, wireBytes }
  } finally {
    await relay.close()
  }
}
