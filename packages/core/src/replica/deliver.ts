/** What a session brings: judged, let in, mended where this is the hub, and made durable together with the position it brings. */
import { type Credential, grants } from '../identity/credential.ts'
import { runOwning } from '../log/cursor.ts'
import { heardRun } from '../log/heard-run.ts'
import { NO_RUN } from '../session/cursor.ts'
import { ENTRY_COST_OPERATIONS } from '../session/limits.ts'
import type { Cursor, Delivery, IncomingItem, Peer, Refusal } from '../session/port.ts'
import type { Spend } from '../session/spend.ts'
import type { EntryKind, Origin, Seq } from '../store/port.ts'
import { admit } from './admit.ts'
import { admitSnapshot } from './admit-snapshot.ts'
import { decidedCredential } from './credentials.ts'
import { advanceCursors } from './cursors.ts'
import { noteEntered, settleEntered, standWhereHeld } from './entered.ts'
import { Healing } from './heal.ts'
import { hearFork } from './hear-fork.ts'
import { ELSEWHERE, type Weighing } from './hub-port.ts'
import { DEPENDS_ON_REFUSED, type Judged, judge, Refused } from './judge.ts'
import { isSnapshot, type JudgedSnapshot, judgeSnapshot } from './judge-snapshot.ts'
import { giveUp } from './membership.ts'
import type { OpenRecord } from './open-record.ts'
import { RECORD_DAMAGED } from './quarantine-refusal.ts'
import type { ReplicaCore } from './replica-core.ts'
import { admitRevocation } from './revoke.ts'
import { StartedOver } from './start-over.ts'
import { admitTombstone } from './tombstone.ts'
import { tryAhead } from './try-ahead.ts'
import { tryParked } from './try-parked.ts'
import type { Turn } from './turn.ts'
import { allAtOnce, turnsOf } from './turns-of-delivery.ts'

interface Outcome {
  refusals: Refusal[]
  startedOver: string[]
  /** Records of which something was let in. */
  letIn: ReadonlySet<string>
  /** Records of which something was refused, in this turn or before it. */
  refusedRecords: ReadonlySet<string>
}

type Verdict =
  | { item: IncomingItem; judged: Judged | JudgedSnapshot }
  | { item: IncomingItem; refused: Refused }
  | { item: IncomingItem }

export async function deliver(core: ReplicaCore, delivery: Delivery, spend?: Spend): Promise<Refusal[]> {
  const shown = new Map<string, Credential>()
  for (const item of delivery.items)
    if (item.kind === 'credential') shown.set(item.credential.hash, item.credential)
  const verdicts = await Promise.all(
    delivery.items.map((item) => judgeItem(core, delivery.peer, shown, item)),
  )
  const refusals: Refusal[] = []
  const startedOver: string[] = []
  const letIn = new Set<string>()
  const refusedRecords = new Set<string>()
  for (const { part, operations, isLast } of spend ? turnsOf(verdicts, costOf) : allAtOnce(verdicts)) {
    if (spend && !(await spend(operations))) return refusals
    // What comes before the position is durable without it, as it is when a frame ends inside a record.
    const told = isLast ? delivery : { ...delivery, position: undefined, current: false }
    const outcome = await core.writer.run((turn) => new Admission(core, told, turn, refusedRecords).run(part))
    for (const record of outcome.refusedRecords) refusedRecords.add(record)
    for (const record of outcome.letIn) letIn.add(record)
    refusals.push(...outcome.refusals)
    startedOver.push(...outcome.startedOver)
  }
  for (const refusal of refusals) if (refusal.code !== ELSEWHERE) reportRefusal(core, delivery.peer, refusal)
  if (core.parking.size > 0) await tryParked(core, letIn, deliver)
  if (startedOver.length > 0) throw new StartedOver(startedOver)
  return answeredNow(core, delivery, refusals)
}

/**
 * A later turn, and what was parked, may have moved a record to where the peer may read it since a turn answered `elsewhere`. The peer may have been told so by now, and would give the record up by
 * an answer of before.
 */
async function answeredNow(core: ReplicaCore, delivery: Delivery, refusals: Refusal[]): Promise<Refusal[]> {
  const isElsewhere = ({ code }: Refusal) => code === ELSEWHERE
  if (!refusals.some(isElsewhere)) return refusals
  const now = await core.writer.run((turn) => {
    const weighing = core.hub!.weigh(turn, delivery, () => NO_RUN)
    for (const { record, seq } of refusals.filter(isElsewhere)) weighing.told(record!, seq)
    return weighing.elsewhere()
  })
  return [...refusals.filter((refusal) => !isElsewhere(refusal)), ...now]
}

/** B1 */
function costOf(verdict: Verdict): number {
  const changes = 'judged' in verdict ? verdict.judged.changes : []
  return changes.reduce((sum, { operations }) => sum + operations, ENTRY_COST_OPERATIONS)
}

async function judgeItem(
  core: ReplicaCore,
  peer: Peer,
  shown: ReadonlyMap<string, Credential>,
  item: IncomingItem,
): Promise<Verdict> {
  if (item.kind !== 'entry') return { item }
  try {
    const judged = await (isSnapshot(item.bytes) ? judgeSnapshot : judge)(item.seq, item.bytes, {
      host: core.host,
      space: core.identity.space,
      peer,
      credentialByHash: async (hash) => shown.get(hash) ?? core.credentials.byHash(hash),
      checkCredential: (credential) => core.verifier.verify(credential.token, undefined),
      isBarred: (credential) => core.barring.has(credential),
    })
    return { item, judged }
  } catch (error) {
    if (error instanceof Refused) return { item, refused: error }
    throw error
  }
}

function reportRefusal(core: ReplicaCore, peer: Peer, refusal: Refusal): void {
  core.events({
    level: 'warn',
    code: 'entry-refused',
    message: `an entry from ${peer.credential.subject} was refused: ${refusal.reason}`,
    fields: { peer: peer.node, seq: refusal.seq, reason: refusal.code },
  })
}

class Admission {
  readonly #core: ReplicaCore
  readonly #delivery: Delivery
  readonly #turn: Turn
  readonly #refusals: Refusal[] = []
  readonly #refusedRecords: Set<string>
  readonly #left = new Set<string>()
  /** Of those, the ones that were told entries since: the mark with which they enter another channel brings them. */
  readonly #comingBack = new Set<string>()
  /** Records of which something was let in. */
  readonly #letIn = new Set<string>()
  /** Entries of a peer of an edge that build on what is not here, and what is new of a damaged record. */
  readonly #lacking: Judged[] = []
  readonly #healing: Healing
  /** A hub's. */
  readonly #weighing: Weighing | undefined
  /** By run of the peer, how origins name it. */
  readonly #heardRuns = new Map<string, string>()
  /** Records that the authority will tell anew: nothing more of them is taken from this delivery. */
  readonly #startedOver = new Set<string>()
  /** What this replica's credential grants, by what was decided before this turn. */
  #readable: readonly string[] | undefined

  /** `refusedBefore`: records of which an earlier turn of the delivery refused something. */
  constructor(core: ReplicaCore, delivery: Delivery, turn: Turn, refusedBefore: ReadonlySet<string>) {
    this.#core = core
    this.#delivery = delivery
    this.#turn = turn
    this.#refusedRecords = new Set(refusedBefore)
    this.#healing = new Healing(core, turn)
    this.#weighing = core.hub?.weigh(turn, delivery, (seq) => this.#runOf(seq))
  }

  async run(verdicts: readonly Verdict[]): Promise<Outcome> {
    const ofRecords = verdicts.flatMap((verdict) =>
      'judged' in verdict && !this.#core.kinds.has(verdict.judged.entry.kind)
        ? [verdict.judged.entry.record]
        : [],
    )
    await this.#turn.prefetch(ofRecords)
    const entries = verdicts.flatMap((verdict) => ('judged' in verdict ? [verdict.judged] : []))
    await tryAhead(this.#turn, this.#core.isolation, entries)
    for (const verdict of verdicts) {
      if ('refused' in verdict) {
        if (verdict.refused.record !== undefined) this.#refusedRecords.add(verdict.refused.record)
        this.#refuse(
          verdict.item.kind === 'credential' ? 0 : verdict.item.seq,
          verdict.refused,
          verdict.refused.record ?? '',
        )
      } else if ('judged' in verdict) await this.#entry(verdict.judged)
      else await this.#mark(verdict.item)
    }
    for (const key of await this.#healing.finish()) this.#letIn.add(key)
    if (isToldAll(this.#delivery)) this.#core.shippedPages.dropAll(this.#turn)
    else this.#core.shippedPages.sweep(this.#turn)
    await this.#weighing?.mend()
    // A frame without position ends inside a record's entries: the mark with which it enters another channel is still to come (session rule O7).
    for (const key of this.#left)
      if (this.#delivery.position || !this.#comingBack.has(key)) await giveUp(this.#turn, this.#core, key)
    this.#refusals.push(...((await this.#weighing?.elsewhere()) ?? []))
    await this.#weighing?.tellHeads()
    if (this.#delivery.position) await this.#advance(this.#delivery.position)
    if (isWholeLog(this.#delivery))
      this.#turn.afterCommit(() => this.#core.damage.toldAll(this.#delivery.peer))
    this.#park()
    return {
      refusals: this.#refusals,
      startedOver: [...this.#startedOver],
      letIn: this.#letIn,
      refusedRecords: this.#refusedRecords,
    }
  }

  async #entry(judged: Judged | JudgedSnapshot): Promise<void> {
    const { record, kind } = judged.entry
    if (this.#startedOver.has(record)) return
    if (this.#left.has(record)) this.#comingBack.add(record)
    const edits = isEdit(kind)
    try {
      const before = edits ? await this.#weighing?.before(judged) : undefined
      const changed = await this.#admit(judged)
      if (edits || kind === 'tombstone') this.#weighing?.told(record, judged.seq)
      if (changed) this.#letIn.add(record)
      if (changed && edits) this.#weighing?.changed(changed, judged, before)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (this.#weighing?.takesBack(judged, error)) return this.#entry(judged)
      if (await hearFork(this.#turn, this.#core, this.#delivery.peer, judged, error)) {
        this.#startedOver.add(record)
        this.#left.delete(record)
        return
      }
      if (error.code === RECORD_DAMAGED) {
        this.#lacking.push(judged)
        if (edits) this.#weighing?.told(record, judged.seq)
        return
      }
      if (error.code === 'missing-dependencies' && judged.author && !this.#core.authority)
        this.#lacking.push(judged)
      const follows = error.code === 'missing-dependencies' && this.#refusedRecords.has(record)
      this.#refusedRecords.add(record)
      if (edits) this.#weighing?.told(record, judged.seq)
      this.#refuse(
        judged.seq,
        follows
          ? new Refused(DEPENDS_ON_REFUSED, `it builds on an edit of ${record} that was refused`)
          : error,
        record,
      )
    }
  }

  /** A peer does not tell it again. */
  #park(): void {
    if (this.#lacking.length === 0) return
    const { parking, events } = this.#core
    const runOf = (seq: Seq) => this.#runOf(seq)
    const { parked, dropped } = parking.park(this.#turn, this.#delivery.peer, this.#lacking, runOf)
    if (parked + dropped === 0) return
    this.#turn.afterCommit(() =>
      events({
        level: dropped > 0 ? 'warn' : 'info',
        code: 'parked',
        message: `${parked} entries from ${this.#delivery.peer.credential.subject} wait for what they build on; ${dropped} that waited longest were dropped for want of room`,
        fields: { parked, dropped, waiting: parking.size },
      }),
    )
  }

  async #admit(judged: Judged | JudgedSnapshot): Promise<OpenRecord | undefined> {
    const origin = this.#originOf(judged.seq)
    const context = {
      host: this.#core.host,
      origin,
      strict: this.#core.authority,
      kinds: this.#core.kinds,
      actors: this.#core.credentials,
      isolation: this.#core.isolation,
      waivesRights: this.#weighing?.isOverruled(judged) ?? false,
      checkLease: (author: Credential, systems: readonly string[]) =>
        this.#weighing?.checkLease(author, systems, judged.seq),
    }
    const isTakenBack = this.#weighing?.isRevoked(judged) || context.waivesRights
    if (await this.#healing.take(isTakenBack ? { ...judged, barred: undefined } : judged, context.origin))
      return undefined
    if (judged.entry.kind === 'tombstone') return admitTombstone(this.#turn, this.#core, judged, context)
    if (judged.entry.kind === 'revocation')
      return admitRevocation(this.#turn, this.#core, judged, context.origin)
    if (!('parts' in judged))
      return admit(this.#turn, isTakenBack ? { ...judged, barred: undefined } : judged, context)
    const { record, refused } = await admitSnapshot(this.#turn, judged, context)
    if (!judged.author) await settleEntered(this.#turn, judged.entry.record)
    if (refused) {
      await hearFork(this.#turn, this.#core, this.#delivery.peer, judged, refused)
      this.#refuse(judged.seq, refused, judged.entry.record)
    }
    return record
  }

  async #mark(item: IncomingItem): Promise<void> {
    if (item.kind === 'credential') {
      await this.#core.credentials.keep(this.#turn, item.credential)
      return
    }
    // Only the authority says who holds a record; a peer may not know the newest state.
    if (item.kind === 'entry' || this.#delivery.peer.credential.role !== 'authority') return
    if (this.#startedOver.has(item.record)) return
    const record = await this.#turn.open(item.record)
    if (record.isNew && !record.isGone) {
      await noteEntered(this.#turn, item)
      if (item.kind === 'leave') this.#core.shippedPages.takeAway(this.#turn, item.record)
      return
    }
    const { frontier } = record
    const { waiting = [] } = this.#delivery
    if (item.kind === 'enter' && (await this.#mayRead(item.channel))) {
      this.#left.delete(item.record)
      if (frontier.held.includes(item.channel)) return
      frontier.held = [...frontier.held, item.channel].sort()
    } else {
      frontier.held = frontier.held.filter((channel) => channel !== item.channel)
      if (waiting.includes(item.channel)) this.#core.leftWaiting.add(`${item.record}\n${item.channel}`)
      if (frontier.held.length === 0 && !this.#isCompared(record)) this.#leave(item.record)
    }
    await standWhereHeld(this.#turn, record)
    this.#turn.touch(record)
  }

  #leave(record: string): void {
    this.#left.add(record)
    this.#comingBack.delete(record)
  }

  /** A channel that is being reconciled may hold it: what comes of that is told by marks, or settles its claims (G-6). */
  #isCompared(record: OpenRecord): boolean {
    const { waiting = [] } = this.#delivery
    return record
      .channelsNow()
      .some(
        (channel) => waiting.includes(channel) && !this.#core.leftWaiting.has(`${record.key}\n${channel}`),
      )
  }

  /** The cursor of a channel that was given up since stays forgotten: if it is granted again, it is read from the beginning. */
  async #advance(position: Cursor): Promise<void> {
    const { want, peer } = this.#delivery
    if (want.kind !== 'channels') {
      advanceCursors(this.#turn, want, position, peer.node)
      return
    }
    const cursors = new Map<string, Cursor | undefined>()
    for (const [channel, cursor] of want.cursors)
      if (await this.#mayRead(channel)) cursors.set(channel, cursor)
    advanceCursors(this.#turn, { kind: 'channels', cursors }, position, peer.node)
  }

  /** A frame may have been on its way when a credential came that does not grant the channel; another one after that may grant it again. */
  async #mayRead(channel: string): Promise<boolean> {
    if (this.#core.authority) return true
    this.#readable ??= (await decidedCredential(this.#turn))?.read ?? []
    const { want } = this.#delivery
    const asked = want.kind === 'channels' ? want.credentials : undefined
    const since = asked === undefined ? [] : this.#core.grantedReads.slice(asked)
    return [this.#readable, ...since].every((read) => grants(read, channel))
  }

  #originOf(seq: Seq): Origin {
    const run = this.#runOf(seq)
    let heard = this.#heardRuns.get(run)
    if (heard === undefined) {
      heard = heardRun(this.#core.host, this.#delivery.peer.node, run)
      this.#heardRuns.set(run, heard)
    }
    return { run: heard, seq }
  }

  #runOf(seq: Seq): string {
    return runOwning(this.#delivery.peer.runs, seq)?.run ?? NO_RUN
  }

  /** `record`: empty when the bytes did not tell it. */
  #refuse(seq: Seq, refused: Refused, record: string): void {
    this.#refusals.push({ seq, code: refused.code, reason: refused.message, record })
  }
}

/** U-8: whatever the authority has, it has told; a record that did not come will not. */
function isToldAll({ peer, want, current }: Delivery): boolean {
  return current && want.kind === 'channels' && peer.credential.role === 'authority'
}

/** The peer's log was told from its beginning to its end. */
function isWholeLog({ want, current }: Delivery): boolean {
  return current && want.kind === 'log' && want.cursor === undefined
}

/** Whether entries of this kind change what a record says. */
function isEdit(kind: EntryKind): boolean {
  return kind === 'changes' || kind === 'snapshot'
}
