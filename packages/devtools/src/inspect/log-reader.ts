/** The log from its end: pages of entries, newest first, each with what can be told of it without opening its record. */
import {
  type Credential,
  decodeChanges,
  decodeEntry,
  defaultChangeLimits,
  type LoggedEntry,
  type ParsedChange,
  parseChange,
  type ReplicaBase,
  toHex,
} from '@skerry/core'
import type { LoggedItem, LogPage } from '@skerry/live'
import type { KnownPeer } from './lines.ts'

/** Sequences asked of the store at once: marks and compacted entries leave gaps between entries. */
const SEQS_PER_READ = 256
/** Reads for one page: a log that was compacted may have more gaps than entries. */
const READS_MAX = 32

export class LogReader {
  readonly #replica: ReplicaBase
  readonly #peerOf: (run: string) => KnownPeer | undefined

  constructor(replica: ReplicaBase, peerOf: (run: string) => KnownPeer | undefined) {
    this.#replica = replica
    this.#peerOf = peerOf
  }

  newest(limit: number): Promise<LogPage> {
    return this.below(this.#replica.head + 1, limit)
  }

  async below(below: number, limit: number): Promise<LogPage> {
    const { head } = this.#replica
    const found: LoggedEntry[] = []
    let to = Math.min(below, head + 1) - 1
    for (let reads = 0; to >= 1 && found.length < limit && reads < READS_MAX; reads++) {
      const from = Math.max(1, to - SEQS_PER_READ + 1)
      const seqs = Array.from({ length: to - from + 1 }, (_, i) => from + i)
      found.push(...(await this.#replica.readEntries(seqs)).reverse())
      to = from - 1
    }
    const shown = found.slice(0, limit)
    const isCut = shown.length < found.length
    const older = isCut ? shown.at(-1)!.seq : to >= 1 ? to + 1 : undefined
    return { head, entries: await Promise.all(shown.map((entry) => this.item(entry))), older }
  }

  async item(logged: LoggedEntry): Promise<LoggedItem> {
    const { seq, kind, record, bytes, origin } = logged
    const changes = changesOf(this.#replica, logged)
    const last = changes.at(-1)
    const peer = origin && this.#peerOf(origin.run)
    return {
      seq,
      kind,
      record,
      bytes: bytes.length,
      changes: changes.length,
      author: (await this.#authorOf(logged))?.subject,
      actor: last?.actorHex ?? signerOf(logged),
      at: last && timeOf(last),
      heardFrom: origin && { ...origin, node: peer?.node, subject: peer?.subject },
    }
  }

  async #authorOf({ bytes }: LoggedEntry): Promise<Credential | undefined> {
    const { session } = this.#replica
    const cited = session.credentialsCited(bytes).at(-1)
    return cited === undefined ? undefined : session.credentialByHash(cited)
  }
}

/** None where the entry is of another kind. */
export function changesOf(replica: ReplicaBase, { kind, bytes }: LoggedEntry): ParsedChange[] {
  if (kind !== 'changes') return []
  const { host } = replica.session
  return decodeChanges(decodeEntry(bytes).body).map((change) =>
    parseChange(change, host, defaultChangeLimits),
  )
}

/** Milliseconds since 1970; who writes none says 0. */
export function timeOf({ time }: Pick<ParsedChange, 'time'>): number | undefined {
  return time === 0 ? undefined : time * 1_000
}

function signerOf({ bytes }: LoggedEntry): string | undefined {
  const actor = decodeEntry(bytes).signature?.actor
  return actor?.some((byte) => byte !== 0) ? toHex(actor) : undefined
}
