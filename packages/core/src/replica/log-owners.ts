/**
 * Whose log is whose: the first node that proves its key under a log's id is its owner for good. Positions are kept by log, so that a device that named the log of another one could make a replica believe
 * that it has read what it has not, and pass that over. Log and key lie in one store; a copy of it gets new ones of both.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { type PeerAddress, ProtocolError } from '../session/port.ts'
import type { Store } from '../store/port.ts'
import type { Turn } from './turn.ts'

const LOGS_TABLE = 'logs'

/** False for a log that was not met before. @throws ProtocolError bad-proof for one of another owner */
export async function checkOwner(store: Store, { log, node }: PeerAddress): Promise<boolean> {
  const owner = await store.get(LOGS_TABLE, log)
  if (owner === undefined) return false
  if (decodeUtf8(owner) === node) return true
  throw new ProtocolError(
    'bad-proof',
    `the log ${log} is that of another key than ${node} has: a device that was set up anew needs a store of its own`,
  )
}

export function keepOwner(turn: Turn, { log, node }: PeerAddress): void {
  turn.put(LOGS_TABLE, log, encodeUtf8(node))
}
