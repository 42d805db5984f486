/**
 * A snapshot that the hub refuses, wholly or in part, cannot be taken apart here again: the older signatures are gone. So the record is given up, what this device wrote in it is set aside,
 * and the channels it was in are read from the beginning: the hub then tells what it has of it. That happens when the hub was set back to an older copy and an author has lost the right to
 * write meanwhile.
 */
import { toHex } from '../bytes/hex.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import { Document } from '../engine/document.ts'
import type { Credential } from '../identity/credential.ts'
import type { Claims } from '../reconcile/port.ts'
import type { Edit } from '../records/edits.ts'
import { viewOf } from '../records/view.ts'
import type { Peer, Refusal } from '../session/port.ts'
import type { LoggedEntry, Store } from '../store/port.ts'
import { asideOf, editsBetween, putAside } from './aside.ts'
import { forgetCursors, WHOLE_LOG } from './cursors.ts'
import { forgetRecord } from './membership.ts'
import type { OpenRecord } from './open-record.ts'
import type { ReplicaCore } from './replica-core.ts'
import { changesOf, signaturesOf, type Turn } from './turn.ts'

/** By log of the hub: channels to be read from the beginning at the next meeting. */
const AGAIN_TABLE = 'again'

/** Ends the session: the next one begins the record's channels anew. */
export class StartedOver extends Error {
  override readonly name = 'StartedOver'
  readonly code = 'started-over'
  constructor(records: readonly string[]) {
    super(
      `the hub refused what this device told of ${records.join(', ')}; it is told again by the hub in the next session`,
    )
  }
}

/** False for a record in quarantine: what its own edits did cannot be told without loading it, so it stays as it is. */
export async function startOver(
  turn: Turn,
  core: ReplicaCore,
  peer: Peer,
  key: string,
  refusal: Refusal,
): Promise<boolean> {
  const record = await turn.open(key)
  if (record.isQuarantined) return false
  const edits = await ownEdits(turn, core, record)
  if (edits.length > 0)
    putAside(
      turn,
      asideOf(key, edits, refusal, { host: core.host, author: await onlyAuthor(turn, core, key) }),
    )
  await tellAnew(turn, core, peer, key)
  turn.afterCommit(() =>
    core.events({
      level: 'warn',
      code: 'set-aside',
      message: `the hub refused what this device told of ${key}: ${refusal.reason}`,
      fields: { reason: refusal.code },
    }),
  )
  return true
}

/** Gives the record up; its channels are read from the beginning at the next meeting. */
export async function tellAnew(turn: Turn, core: ReplicaCore, peer: Peer, key: string): Promise<void> {
  const record = await turn.open(key)
  const { channels, held } = record.frontier
  const known = await readAgainIn(turn, peer.log)
  writeAgain(turn, peer.log, [...known, ...channels, ...held, WHOLE_LOG])
  await forgetRecord(turn, core, record)
}

/** What this device wrote, against the record without it and without what builds on it. It may be that the hub has some of it. */
async function ownEdits(turn: Turn, core: ReplicaCore, record: OpenRecord): Promise<Edit[]> {
  const { collection } = record
  if (!collection) return []
  const entries = await turn.entriesOf(record.key)
  const chunks = entries.flatMap((entry) => changesOf(entry, core.host))
  const changes = chunks.map((chunk) => parseChange(chunk, core.host, defaultChangeLimits))
  const others = without(await ownSignatures(core, entries), changes)
  if (others.length === changes.length) return []
  const document = new Document(core.identity.actor)
  try {
    document.apply(others.map((change) => change.bytes))
    const { value, deleted } = viewOf(collection.versions.stored, document.read())
    const withThem = { value: record.stored ?? {}, deleted: record.view.deleted }
    return editsBetween(collection, deleted || others.length === 0 ? undefined : value, withThem)
  } finally {
    document.free()
  }
}

/** Of what this device wrote; undefined where several did. */
async function onlyAuthor(turn: Turn, core: ReplicaCore, key: string): Promise<string | undefined> {
  const subjects = new Set<string>()
  for (const { subject } of (await ownSignatures(core, await turn.entriesOf(key))).values())
    subjects.add(subject)
  return subjects.size === 1 ? [...subjects][0] : undefined
}

/** The credentials of this device that signed something in these entries, by the actor. */
async function ownSignatures(
  core: ReplicaCore,
  entries: readonly LoggedEntry[],
): Promise<ReadonlyMap<string, Credential>> {
  const own = new Map<string, Credential>()
  for (const { actor, credentialHash } of entries.flatMap((entry) => signaturesOf(entry, core.host))) {
    const credential = await core.ownCredential(toHex(credentialHash))
    if (credential) own.set(toHex(actor), credential)
  }
  return own
}

/** Nor what builds on it. */
function without(own: ReadonlyMap<string, unknown>, changes: readonly ParsedChange[]): ParsedChange[] {
  const gone = new Set<string>()
  return changes.filter(({ actorHex, hashHex, deps }) => {
    if (!own.has(actorHex) && !deps.some((dep) => gone.has(dep))) return true
    gone.add(hashHex)
    return false
  })
}

/** Channels of this log that are to be read from the beginning. */
export async function readAgain(store: Pick<Store, 'get'>, log: string): Promise<string[]> {
  const value = await store.get(AGAIN_TABLE, log)
  return value ? (JSON.parse(decodeUtf8(value) ?? '[]') as string[]) : []
}

function readAgainIn(turn: Turn, log: string): Promise<string[]> {
  return readAgain({ get: (table, key) => turn.get(table, key) }, log)
}

/** Whether a channel that was compared is to be asked without a cursor once more, whatever position is reached in it meanwhile (reconciliation rule Q16). */
export async function noteAgain(
  core: ReplicaCore,
  { log, channel, isDoubtful }: Pick<Claims, 'log' | 'channel' | 'isDoubtful'>,
): Promise<void> {
  if ((await readAgain(core.store, log)).includes(channel) === isDoubtful) return
  await core.writer.run(async (turn) => {
    const others = (await readAgainIn(turn, log)).filter((one) => one !== channel)
    writeAgain(turn, log, isDoubtful ? [...others, channel] : others)
  })
}

function writeAgain(turn: Turn, log: string, channels: readonly string[]): void {
  const again = [...new Set(channels)]
  turn.put(AGAIN_TABLE, log, again.length > 0 ? encodeUtf8(JSON.stringify(again)) : undefined)
}

/** The session that reads them from the beginning has begun: whatever an earlier one reached is void. */
export function beginAgain(turn: Turn, log: string, channels: readonly string[]): void {
  forgetCursors(turn, log, channels)
  writeAgain(turn, log, [])
}
