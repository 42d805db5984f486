/**
 * How an origin names the run of another replica's log in which an entry was heard: bound to that replica's key. Runs are listed by whoever says they are its own, and are no secret; an origin by the listed name alone would let
 * a device pass for the source of entries, and so keep what it writes itself from being told to the one whose runs it listed.
 */
import { toHex } from '../bytes/hex.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { ByteWriter } from '../bytes/writer.ts'
import type { Host } from '../host.ts'

const PURPOSE = encodeUtf8('skerry/heard/1')
const RUN_BYTES = 16

/** `node`: of the replica that listed the run (hex). 32 hex digits, like a run. */
export function heardRun(host: Pick<Host, 'sha256'>, node: string, run: string): string {
  const bytes = new ByteWriter(96).bytes(PURPOSE).string(node).string(run).finish()
  return toHex(host.sha256(bytes).subarray(0, RUN_BYTES))
}
