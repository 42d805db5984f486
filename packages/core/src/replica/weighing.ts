/** What a hub does about the edits of one delivery, in its turn: they are weighed by the rules, mended, taken back where their author was revoked, and answered where they went elsewhere. */
import { equalBytes } from '../bytes/compare.ts'
import { actorKind } from '../change/actors.ts'
import type { Credential } from '../identity/credential.ts'
import type { Frontier } from '../log/frontier.ts'
import { versionIn } from '../records/written-with.ts'
import type { Delivery, Refusal } from '../session/port.ts'
import type { Seq } from '../store/port.ts'
import { type Before, ELSEWHERE, type Weighing } from './hub-port.ts'
import { isByPeer, type Judged, type Refused } from './judge.ts'
import type { JudgedSnapshot } from './judge-snapshot.ts'
import type { Leases } from './leases.ts'
import { HeadsWatch } from './many-heads.ts'
import { mend } from './mend.ts'
import type { OpenRecord } from './open-record.ts'
import type { ReplicaCore } from './replica-core.ts'
import { settleRevoked } from './settle-revoked.ts'
import { REVOKED_RULE } from './take-back.ts'
import type { Turn } from './turn.ts'
import type { Suspect, TakenBack } from './violation.ts'

/** Refusals for what the author may not do: nothing is wrong with the edit itself. */
const rightsCodes: ReadonlySet<string> = new Set([
  'read-only',
  'not-granted',
  'channel-not-granted',
  'credential-revoked',
  'credential-quarantined',
])

export class HubWeighing implements Weighing {
  readonly #core: ReplicaCore
  readonly #leases: Leases
  readonly #turn: Turn
  readonly #peer: Credential
  readonly #runOf: (seq: Seq) => string
  readonly #isAnswered: boolean
  /** Edits that were answered and would be refused now, with what for. */
  readonly #overruled = new Map<Judged | JudgedSnapshot, TakenBack>()
  readonly #suspects = new Map<string, Suspect>()
  readonly #heads = new HeadsWatch()
  /** Newest sequence, in the peer's log, of each record it told edits of. */
  readonly #told = new Map<string, Seq>()

  constructor(
    core: ReplicaCore,
    leases: Leases,
    turn: Turn,
    { peer, isAnswered = false }: Pick<Delivery, 'peer' | 'isAnswered'>,
    runOf: (seq: Seq) => string,
  ) {
    this.#core = core
    this.#leases = leases
    this.#turn = turn
    this.#peer = peer.credential
    this.#isAnswered = isAnswered
    this.#runOf = runOf
  }

  async before(judged: Judged | JudgedSnapshot): Promise<Before | undefined> {
    const {
      entry: { record },
      author,
    } = judged
    if (!author) return undefined
    const suspect = this.#suspects.get(record)
    const takenBack = this.#whyTakenBack(judged)
    const isAnother = suspect && !isByPeer(suspect.author, author)
    if (isAnother || (suspect && suspect.takenBack?.rule !== takenBack?.rule)) {
      // A carrier brings edits of several devices, and a device those of whoever had it: each answers for its own.
      this.#suspects.delete(record)
      await this.#mendRecord(record, suspect)
    }
    const known = await this.#turn.open(record)
    this.#heads.note(known)
    const { visible: value, frontier } = known
    const since = takenBack ? sinceOf(judged, frontier) : {}
    return { value, since }
  }

  isRevoked({ author, barred, entry }: Judged | JudgedSnapshot): boolean {
    if (barred?.code !== 'credential-revoked') return false
    return entry.kind === 'changes' && !isByPeer(author!, this.#peer)
  }

  takesBack(judged: Judged | JudgedSnapshot, { code, message }: Refused): boolean {
    const isRefused = !this.#isAnswered || judged.entry.kind !== 'changes' || !rightsCodes.has(code)
    if (isRefused || this.#overruled.has(judged)) return false
    this.#overruled.set(judged, { rule: code, reason: message })
    return true
  }

  isOverruled(judged: Judged | JudgedSnapshot): boolean {
    return this.#overruled.has(judged)
  }

  #whyTakenBack(judged: Judged | JudgedSnapshot): TakenBack | undefined {
    if (!this.isRevoked(judged)) return this.#overruled.get(judged)
    return { rule: REVOKED_RULE, reason: `${judged.author!.subject} was revoked before this came here` }
  }

  checkLease(author: Credential, systems: readonly string[], seq: Seq): void {
    const isTold = equalBytes(author.publicKey, this.#peer.publicKey)
    this.#leases.check(author, systems, isTold ? { run: this.#runOf(seq), seq } : undefined)
  }

  changed(record: OpenRecord, judged: Judged | JudgedSnapshot, before: Before | undefined): void {
    const { author } = judged
    if (!author) return
    const suspect = this.#suspects.get(record.key) ?? {
      record,
      before: before?.value,
      since: {},
      seqs: {},
      author,
      version: 1,
      takenBack: this.#whyTakenBack(judged),
    }
    let { version } = suspect
    for (const { actorHex, seq, message } of judged.changes) {
      if (actorKind(actorHex) === 'container') continue
      suspect.seqs[actorHex] = seq
      version = Math.max(version, versionIn(message))
    }
    const since = { ...before?.since, ...suspect.since }
    this.#suspects.set(record.key, { ...suspect, record, author, version, since })
  }

  told(record: string, seq: Seq): void {
    this.#told.set(record, seq)
  }

  async mend(): Promise<void> {
    for (const [key, suspect] of this.#suspects) await this.#mendRecord(key, suspect)
  }

  async #mendRecord(key: string, suspect: Suspect): Promise<void> {
    if ((await settleRevoked(this.#turn, this.#core, key, suspect)) || suspect.author.role === 'authority')
      return
    const { made, failed } = await mend(this.#turn, this.#core.author, this.#core.rules, suspect)
    this.#turn.afterCommit(() => {
      for (const rule of made)
        this.#core.events({
          level: 'info',
          code: 'mended',
          message: `${key} broke the rule ${rule} and was mended`,
          fields: { rule },
        })
      for (const { rule, reason } of failed)
        this.#core.events({
          level: 'error',
          code: 'mend-failed',
          message: `${key} was not mended: ${reason}`,
          fields: { rule },
        })
    })
  }

  /** Also for what was known already, since the answer to it may have been lost, and for what was refused: the peer may hold the record from before it left. */
  async elsewhere(): Promise<Refusal[]> {
    const { role, read } = this.#peer
    if (role === 'authority' || read.includes('*')) return []
    const answers: Refusal[] = []
    for (const [key, seq] of this.#told) {
      const record = await this.#turn.open(key)
      if (
        !record.collection ||
        (record.isNew && !record.isGone) ||
        record.channelsNow().some((channel) => read.includes(channel))
      )
        continue
      answers.push({
        seq,
        record: key,
        code: ELSEWHERE,
        reason: `${key} is kept here, in channels that you may not read`,
      })
    }
    return answers
  }

  tellHeads(): Promise<void> {
    return this.#heads.tell(this.#turn, this.#core.events)
  }
}

function sinceOf({ changes }: Judged, { seqs }: Frontier): Record<string, number> {
  return Object.fromEntries(changes.map(({ actorHex }) => [actorHex, seqs.get(actorHex) ?? 0]))
}
