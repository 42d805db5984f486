/**
 * Letting a judged snapshot into the log. Each author's part is weighed against that author's rights, in the order in which they were written. It is kept as it came, beside whatever of it was
 * known; the next compaction makes one of both. If a part is refused, a peer refuses all of it and is left as it was; the authority lets in the rest, since it may be the only copy of what
 * others wrote, and tells the teller that it was refused.
 */
import { toHex } from '../bytes/hex.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import type { Host } from '../host.ts'
import { encodeEntry } from '../log/entry.ts'
import { cloneFrontier } from '../log/frontier.ts'
import { encodeSnapshot } from '../log/snapshot.ts'
import { type AdmitContext, admit, takeChanges, takeReceipt } from './admit.ts'
import { forkIn } from './fork.ts'
import { type Judged, Refused } from './judge.ts'
import type { JudgedSnapshot, SnapshotPart } from './judge-snapshot.ts'
import type { OpenRecord } from './open-record.ts'
import { changesOf, type Turn } from './turn.ts'

/** Parts of one snapshot that are undone before all of it is refused: each costs a load of the record. An author's later parts fail without one. */
const PARTS_UNDONE_MAX = 16

export interface AdmittedSnapshot {
  /** Absent: nothing of it was new. */
  record?: OpenRecord
  /** Why some of it was not let in. */
  refused?: Refused
}

/** @throws Refused when nothing of it is let in that was new; nothing is left then */
export async function admitSnapshot(
  turn: Turn,
  judged: JudgedSnapshot,
  context: AdmitContext,
): Promise<AdmittedSnapshot> {
  const { record: key } = judged.entry
  const record = await turn.open(key)
  const before = cloneFrontier(record.frontier)
  const touched = turn.decisions.touched.has(key)
  try {
    const taken = await takeParts(turn, judged.parts, context, record)
    const { refused } = taken
    if (refused && (taken.changes.length === 0 || !context.strict)) throw refused
    if (taken.changes.length === 0) return await admitReceipts(turn, judged, context)
    const bytes = refused ? await remade(turn, judged, taken.changes, context.host) : judged.bytes
    const receipts = refused ? [] : await takeReceipts(turn, judged, context)
    for (const settle of [...taken.bindings, ...receipts]) settle()
    if (!judged.author) await bindTold(turn, judged, context)
    turn.append({ kind: 'snapshot', record: key, bytes, origin: refused ? undefined : context.origin })
    return { record: await turn.open(key), ...(refused && { refused }) }
  } catch (error) {
    await turn.restore(await turn.open(key), before, touched)
    throw error
  }
}

interface TakenParts {
  changes: ParsedChange[]
  /** What settles the parts. */
  bindings: (() => void)[]
  refused: Refused | undefined
}

/** The parts in which something is new. One that is refused leaves the record as the parts before it made it; those that build on it are refused with it. */
async function takeParts(
  turn: Turn,
  parts: readonly SnapshotPart[],
  context: AdmitContext,
  { key, frontier: { seqs } }: OpenRecord,
): Promise<TakenParts> {
  const known = new Map(seqs)
  const all: TakenParts = { changes: [], bindings: [], refused: undefined }
  let undone = 0
  for (const part of parts) {
    const isNew = part.changes.some(({ actorHex, seq }) => seq > (known.get(actorHex) ?? 0))
    if (!isNew && !forkIn(await turn.open(key), part.changes)) continue
    try {
      if ('refused' in part) throw part.refused
      const taken = await takeChanges(turn, part, context)
      if (!taken) continue
      all.changes.push(...part.changes)
      all.bindings.push(() => taken.bindActor())
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      all.refused ??= error
      if (await applyAgain(turn, key, all.changes)) undone += 1
      if (undone > PARTS_UNDONE_MAX) throw all.refused
    }
  }
  return all
}

/** A part that was undone left the record as its entries say; what was taken before it has none yet. Returns whether it was. */
async function applyAgain(turn: Turn, key: string, taken: readonly ParsedChange[]): Promise<boolean> {
  const last = taken.at(-1)
  const record = await turn.open(key)
  if (!last || record.document.maxOpOf(last.hashHex) !== undefined) return false
  record.document.apply(taken.map((change) => change.bytes))
  record.grew(taken)
  turn.touch(record)
  return true
}

/**
 * What the authority lets in of a snapshot whose rest is refused, with what it has: a snapshot of its own. Signatures that reach into the refused part are left out: who
 * is told this by the authority takes its word for it.
 */
async function remade(
  turn: Turn,
  { entry, signatures }: JudgedSnapshot,
  taken: readonly ParsedChange[],
  host: Host,
): Promise<Uint8Array> {
  const entries = await turn.entriesOf(entry.record)
  const chunks = entries.flatMap((logged) => changesOf(logged, host))
  const known = chunks.map((chunk) => parseChange(chunk, host, defaultChangeLimits))
  const changes = [...new Map([...known, ...taken].map((change) => [change.hashHex, change])).values()]
  const last = new Map(changes.map(({ actorHex, seq }) => [actorHex, seq]))
  const whole = signatures.filter(({ actor, lastSeq }) => last.get(toHex(actor)) === lastSeq)
  const body = encodeSnapshot({ changes, signatures: whole, receipts: [], alsoCited: [] }, host)
  return encodeEntry({ ...entry, signature: undefined, body })
}

async function takeReceipts(
  turn: Turn,
  { receipts }: JudgedSnapshot,
  context: AdmitContext,
): Promise<(() => void)[]> {
  const keeps: (() => void)[] = []
  for (const receipt of receipts) {
    const taken = await takeReceipt(turn, stands(receipt), context)
    if (taken) keeps.push(() => taken.keep())
  }
  return keeps
}

/** All its changes are known: of its receipts, those that are not known and stand get entries of their own. */
async function admitReceipts(
  turn: Turn,
  { receipts }: JudgedSnapshot,
  context: AdmitContext,
): Promise<AdmittedSnapshot> {
  for (const receipt of receipts) {
    if ('refused' in receipt) continue
    try {
      await admit(turn, receipt, context)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }
  }
  return {}
}

/** @throws Refused */
function stands(receipt: JudgedSnapshot['receipts'][number]): Judged {
  if ('refused' in receipt) throw receipt.refused
  return receipt
}

/** The authority answers for what it tells; who the authors are is known from what they cite. */
async function bindTold(turn: Turn, { signatures }: JudgedSnapshot, { actors }: AdmitContext): Promise<void> {
  for (const { actor, credentialHash } of signatures) {
    const name = toHex(actor)
    if ((await actors.keyOf(turn, name)) === undefined)
      actors.bind(turn, name, { publicKey: '', credential: toHex(credentialHash) })
  }
}
