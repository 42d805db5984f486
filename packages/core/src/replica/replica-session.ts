/** The replica as a session sees it. */
import type { Presences } from '../ephemeral/port.ts'
import type { Host } from '../host.ts'
import {
  type Credential,
  type CredentialEvidence,
  type CredentialVerifier,
  SPACE_CHANNEL,
} from '../identity/credential.ts'
import { credentialsCited } from '../log/cited.ts'
import { heardRun } from '../log/heard-run.ts'
import type { ReplicaDigests } from '../reconcile/port.ts'
import { toReconcile, withLeaves } from '../session/cursor.ts'
import type {
  Cursor,
  Delivery,
  Peer,
  PeerAddress,
  Refusal,
  SessionReplica,
  ToldViews,
  ViewPage,
  Want,
} from '../session/port.ts'
import type { Spend } from '../session/spend.ts'
import type { ChannelPage, LoggedEntry, PageLimit, RunRow, Seq } from '../store/port.ts'
import { AnswerOrder } from './answer-order.ts'
import {
  type Answers,
  answeredUpTo,
  answersOf,
  readHubMet,
  standing,
  withAnswer,
  writeAnswers,
  writeHubMet,
} from './answers.ts'
import { withdraw } from './aside.ts'
import { forgetCursors, readCursor, WHOLE_LOG, wasTold } from './cursors.ts'
import { deliver } from './deliver.ts'
import { ELSEWHERE } from './hub-port.ts'
import { doubtChannels, giveUpAnswered } from './membership.ts'
import type { ReplicaCore } from './replica-core.ts'
import { CoreDigests } from './replica-digests.ts'
import { hearEvidence } from './revoke.ts'
import { beginAgain, readAgain, StartedOver, startOver } from './start-over.ts'
import type { Turn } from './turn.ts'
import { UnderWay } from './under-way.ts'

export class ReplicaSession implements SessionReplica {
  readonly digests: ReplicaDigests
  readonly #core: ReplicaCore
  readonly #underWay: UnderWay
  readonly #order = new AnswerOrder()

  constructor(core: ReplicaCore) {
    this.#core = core
    this.digests = new CoreDigests(core)
    this.#underWay = new UnderWay(core.host)
  }

  get host(): Host {
    return this.#core.host
  }

  get space(): string {
    return this.#core.identity.space
  }

  get verifier(): CredentialVerifier {
    return this.#core.verifier
  }

  get publicKey(): Uint8Array {
    return this.#core.identity.key.publicKey
  }

  get node(): string {
    return this.#core.identity.node
  }

  get log(): string {
    return this.#core.log
  }

  get runs(): readonly RunRow[] {
    return this.#core.runs
  }

  get head(): Seq {
    return this.#core.writer.head
  }

  get presences(): Presences | undefined {
    return this.#core.presences
  }

  get forgotten(): Seq {
    return this.#core.forgotten
  }

  get credential(): Credential | undefined {
    return this.#core.identity.credential
  }

  sign(message: Uint8Array): Promise<Uint8Array> {
    return this.#core.identity.sign(message)
  }

  async want(peer: PeerAddress, { again } = { again: false }): Promise<Want> {
    // What the session before was told is durable first: it may take records away that the positions below count as told (G-9).
    const underWay = again || this.#core.authority ? undefined : this.#underWay.ended(peer.log)
    if (underWay) await underWay
    const own = this.#core.identity.credential
    const credentials = this.#core.grantedReads.length
    if (!own) return { kind: 'nothing' }
    if (this.#core.authority || own.read.includes('*')) return this.#wantLog(peer, again)
    const met = peer.credential
    // An initiator does not know the other side yet: what that side may not tell, it leaves out.
    const fromHub = !met || met.role === 'authority' || met.read.includes('*')
    const channels = fromHub ? own.read : own.read.filter((channel) => met.read.includes(channel))
    const cursors = new Map<string, Cursor | undefined>()
    this.#core.leavingNow.clear()
    this.#core.leftWaiting.clear()
    const { records } = await this.#core.store.size()
    const hasSynced = records > 0 && (await wasTold(this.#core.store))
    for (const channel of [...channels, SPACE_CHANNEL]) {
      const cursor = await this.#cursor(peer, channel)
      cursors.set(
        channel,
        cursor ?? (records > 0 ? await this.#beginning(peer.log, channel, hasSynced) : undefined),
      )
    }
    return { kind: 'channels', cursors, credentials, ...(this.#asksViews && { views: true }) }
  }

  /** From its beginning, where it may have what cannot be read here any more. In a session: asked so a second time, it tells also what came from here. */
  async #wantLog(peer: PeerAddress, again: boolean): Promise<Want> {
    const { damage } = this.#core
    const { credential, runs } = peer
    const met = again && credential && runs ? { ...peer, credential, runs } : undefined
    const isLacking = met !== undefined && (await damage.mayHave(met))
    if (isLacking) damage.asks(met)
    return { kind: 'log', cursor: isLacking ? undefined : await this.#cursor(peer) }
  }

  /** U-1 */
  get #asksViews(): boolean {
    return this.viewsMin < Number.POSITIVE_INFINITY && this.#core.shippedPages.isEmpty
  }

  /**
   * Who was told of a channel by somebody compares. Who has records already, but none from others in this channel, must hear of those that left it, though it reads it from the
   * beginning.
   */
  async #beginning(log: string, channel: string, hasSynced: boolean): Promise<Cursor> {
    return hasSynced && (await this.digests.hasAny(channel)) ? toReconcile(log) : withLeaves(log)
  }

  readLog(after: Seq, limit: PageLimit, to?: Peer): Promise<LoggedEntry[]> {
    const { soundLog } = this.#core
    return to?.credential.role === 'authority'
      ? soundLog.readLog(after, limit)
      : soundLog.tellLog(after, limit)
  }

  readChannels(after: ReadonlyMap<string, Seq>, limit: PageLimit): Promise<ChannelPage> {
    return this.#core.soundLog.tellChannels(after, limit)
  }

  mayHaveDamaged(peer: Peer): Promise<boolean> {
    return this.#core.damage.mayHave(peer)
  }

  onDamage(listener: () => void): () => void {
    return this.#core.damage.onFound(listener)
  }

  get viewsMin(): number {
    return this.#core.viewsMin
  }

  async readViews(channel: string, after: Seq, told: ReadonlySet<string>): Promise<ViewPage> {
    const { hub } = this.#core
    return hub ? hub.readViews(channel, after, told) : noViews
  }

  async takeViews(told: ToldViews): Promise<void> {
    const { writer, shippedPages } = this.#core
    await writer.run((turn) => shippedPages.take(turn, told))
  }

  credentialByHash(hash: string): Promise<Credential | undefined> {
    return this.#core.credentials.byHash(hash)
  }

  credentialsCited(entry: Uint8Array): readonly string[] {
    return credentialsCited(entry)
  }

  deliver(delivery: Delivery, spend?: Spend): Promise<Refusal[]> {
    const { log } = delivery.peer
    const delivered = this.#order.after(log, () => deliver(this.#core, delivery, spend))
    this.#underWay.add(log, delivered)
    return delivered
  }

  async met(peer: Peer, refused: readonly string[], isNew = false): Promise<void> {
    const core = this.#core
    const isHub = peer.credential.role === 'authority'
    if (isHub && isNew) core.runsMet.set(peer.log, peer.runs)
    const again = isNew ? await readAgain(core.store, peer.log) : []
    if (!isHub && refused.length + again.length === 0) return
    await core.writer.run(async (turn) => {
      if (again.length > 0) beginAgain(turn, peer.log, again)
      forgetCursors(turn, peer.log, refused)
      if (!isHub) return
      if (refused.length > 0) await doubtChannels(turn, core, refused)
      // Not before the turn: an answer of before the hub was set back may have been on its way to the disk when the session opened.
      const known = await answersOf(turn, peer.log)
      const answers = standing(known, this.#runsNow(peer))
      if (answers.length < known.length || (await readHubMet(turn)) !== peer.log)
        await this.#answersStand(turn, peer.log, answers)
    })
  }

  async acknowledged(peer: Peer, seq: Seq, refusals: readonly Refusal[], at?: Seq): Promise<void> {
    if (peer.credential.role !== 'authority') return
    const keep = () => this.#keepAnswer(peer, seq, refusals, at)
    return refusals.length > 0 ? this.#order.refusing(peer.log, keep) : this.#order.after(peer.log, keep)
  }

  async #keepAnswer(peer: Peer, seq: Seq, refusals: readonly Refusal[], at?: Seq): Promise<void> {
    const core = this.#core
    const startedOver = await core.writer.run(async (turn) => {
      const byRecord = new Map<string, Refusal[]>()
      const elsewhere: string[] = []
      const again: { record: string; refusal: Refusal }[] = []
      for (const entry of await core.soundLog.readEntries(refusals.map((refusal) => refusal.seq))) {
        const answers = refusals.filter((one) => one.seq === entry.seq)
        if (answers.some((one) => one.code === ELSEWHERE) && (await goesElsewhere(turn, entry)))
          elsewhere.push(entry.record)
        const refusal = answers.find((one) => one.code !== ELSEWHERE)
        if (!refusal) continue
        if (entry.kind === 'snapshot') {
          again.push({ record: entry.record, refusal })
          continue
        }
        if (core.kinds.has(entry.kind)) {
          turn.afterCommit(() =>
            core.events({
              level: 'error',
              code: 'refused',
              message: `the hub refused a ${entry.kind} of ${entry.record}, which stays here: ${refusal.reason}`,
              fields: { reason: refusal.code },
            }),
          )
          continue
        }
        byRecord.set(entry.record, [...(byRecord.get(entry.record) ?? []), refusal])
      }
      // Before the records are loaded anew, so that they are under the new actor.
      if (byRecord.size + again.length > 0) core.identity.renewActor()
      const begunAnew: string[] = []
      for (const { record, refusal } of again)
        if (await startOver(turn, core, peer, record, refusal)) begunAnew.push(record)
      for (const [record, refused] of byRecord) {
        for (const aside of await withdraw(turn, core, record, refused))
          turn.afterCommit(() =>
            core.events({
              level: 'warn',
              code: 'set-aside',
              message: `the hub refused edits of ${record}: ${aside.reason}`,
              fields: { reason: aside.code },
            }),
          )
      }
      if (!this.#isOfBefore(peer)) {
        const heardAs = (run: string) => heardRun(core.host, peer.node, run)
        const answers = standing(await answersOf(turn, peer.log), peer.runs)
        await this.#answersStand(turn, peer.log, withAnswer(answers, peer.runs, heardAs, seq, at))
      }
      await giveUpAnswered(turn, core, elsewhere, byRecord.keys())
      return begunAnew
    })
    if (startedOver.length > 0) throw new StartedOver(startedOver)
  }

  /** Of this hub, as it was met last. */
  #runsNow({ log, runs }: Peer): readonly RunRow[] {
    return this.#core.runsMet.get(log) ?? runs
  }

  /** The hub was met again since, in another run: what this one answered before is told again there, and answered anew. */
  #isOfBefore(peer: Peer): boolean {
    return this.#runsNow(peer).at(-1)?.run !== peer.runs.at(-1)?.run
  }

  /** These are the answers of the hub that is met now. */
  async #answersStand(turn: Turn, log: string, answers: Answers): Promise<void> {
    const core = this.#core
    writeAnswers(turn, log, answers)
    if ((await readHubMet(turn)) !== log) writeHubMet(turn, log)
    turn.afterCommit(() => {
      core.answers.set(log, answers)
      core.hubMet = log
    })
  }

  answered(peer: Peer): Seq {
    return peer.credential.role === 'authority'
      ? answeredUpTo(standing(this.#core.answers.get(peer.log) ?? [], peer.runs))
      : Number.POSITIVE_INFINITY
  }

  onCommit(listener: (head: Seq, channels: ReadonlySet<string>) => void): () => void {
    return this.#core.onCommit(({ head, channels }) => listener(head, channels))
  }

  onBarred(listener: () => void): () => void {
    return this.#core.barring.onAdded(listener)
  }

  heardRevocation(evidence: CredentialEvidence): Promise<void> {
    return hearEvidence(this.#core, evidence)
  }

  async remember(credential: Credential): Promise<void> {
    await this.#core.writer.run((turn) => this.#core.credentials.keep(turn, credential))
  }

  /** The stored position, unless it is in a run of our own copy's past; the other side checks that it owns it. */
  async #cursor(peer: PeerAddress, channel?: string): Promise<Cursor | undefined> {
    if (peer.log === this.#core.log) return undefined
    const again = await readAgain(this.#core.store, peer.log)
    return again.includes(channel ?? WHOLE_LOG) ? undefined : readCursor(this.#core.store, peer, channel)
  }
}

/** A tombstone of a former incarnation says nothing of the record that is here. */
async function goesElsewhere(turn: Turn, { kind, record }: LoggedEntry): Promise<boolean> {
  return kind !== 'tombstone' || (await turn.open(record)).isGone
}

/** A hub alone tells views; who asks another one is told the entries. */
const noViews: ViewPage = { views: [], leftOut: true, next: undefined }
