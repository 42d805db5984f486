/**
 * Entries written before enrolment cite no credential. Once there is one, each is signed again in its place. A row remembers that this is under way, so that a crash in the
 * middle leaves nothing behind.
 */
import { defaultChangeLimits } from '../change/limits.ts'
import { parseChange } from '../change/parse.ts'
import { decodeChanges, decodeEntry, encodeEntry } from '../log/entry.ts'
import type { LoggedEntry, Seq } from '../store/port.ts'
import { IDENTITY_TABLE } from './identity.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { Turn } from './turn.ts'

const UNSIGNED_KEY = 'unsigned'
/** One turn's worth of entries to sign. */
const PAGE = { entries: 256, bytes: 4 * 1024 * 1024 }
const present = new Uint8Array([1])

/** In the commit that brings the first credential. */
export function beginSigningAgain(turn: Turn): void {
  turn.put(IDENTITY_TABLE, UNSIGNED_KEY, present)
}

export async function isSigningAgain({ store }: ReplicaCore): Promise<boolean> {
  return (await store.get(IDENTITY_TABLE, UNSIGNED_KEY)) !== undefined
}

/** Does nothing unless it was begun and not ended. */
export async function signAgain(core: ReplicaCore): Promise<void> {
  if (!(await isSigningAgain(core))) return
  let after: Seq = 0
  for (;;) {
    const page = await core.soundLog.readLog(after, PAGE)
    if (page.length === 0) break
    after = page.at(-1)!.seq
    const own = page.filter((entry) => !entry.origin && entry.kind === 'changes')
    if (own.length > 0) await core.writer.run((turn) => signEntries(core, turn, own))
  }
  await core.writer.run(async (turn) => turn.put(IDENTITY_TABLE, UNSIGNED_KEY, undefined))
}

async function signEntries(core: ReplicaCore, turn: Turn, entries: readonly LoggedEntry[]): Promise<void> {
  for (const logged of entries) {
    const entry = decodeEntry(logged.bytes)
    if (entry.signature?.credentialHash.some((byte) => byte !== 0)) continue
    const last = parseChange(decodeChanges(entry.body).at(-1)!, core.host, defaultChangeLimits)
    await core.bindOwn(turn, last.actorHex)
    const signature = await core.identity.signChanges(entry, last.actorHex, last.seq, last.hash)
    turn.touch(await turn.open(entry.record))
    turn.replace({ ...logged, bytes: encodeEntry({ ...entry, signature }) })
  }
}
