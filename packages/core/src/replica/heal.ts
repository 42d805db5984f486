/**
 * Making a damaged record whole. What it lacks is told by a peer like anything else, and recognised by hash; until nothing is lacking it stays in quarantine, and what was told waits in the log, withheld with the rest.
 * Then its entries stand at the end of the log, as if they had just come, since readers have passed their places meanwhile; and it enters its channels anew.
 *
 *      damaged ──entry told──► of what is lacking? ──yes──► kept ──nothing lacking──► entries and marks anew, out of quarantine, what waited is tried
 *                                   └─ no: known, or new and waits (parking.ts)
 */
import { bodyHash, recordKinds } from '../digest/digest-follower.ts'
import { countAgain } from '../digest/digest-tables.ts'
import type { Entry } from '../log/entry.ts'
import { decodeRevocation } from '../log/revocation.ts'
import type { Origin, Seq } from '../store/port.ts'
import { checkMayEdit } from './admit.ts'
import { channelsOfStream } from './append-entry.ts'
import { DamagedRecord, pieceOf } from './damaged-record.ts'
import { frontierFrom } from './frontier-from.ts'
import type { Judged } from './judge.ts'
import type { JudgedSnapshot } from './judge-snapshot.ts'
import { RECEIPTS_LISTED_MAX } from './limits.ts'
import { ownTables } from './own-tables.ts'
import { waitsUntilWhole } from './quarantine-refusal.ts'
import { forgetReceiptsBut, receiptHashes } from './receipts.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { Turn } from './turn.ts'

/** In one turn. */
export class Healing {
  readonly #core: ReplicaCore
  readonly #turn: Turn
  readonly #records = new Map<string, DamagedRecord>()

  constructor(core: ReplicaCore, turn: Turn) {
    this.#core = core
    this.#turn = turn
  }

  /**
   * Keeps an entry that is of what its record lacks; known ones are passed over. Returns whether the entry was told of a damaged record, so that nothing else is to be made of it.
   * @throws Refused record-damaged: it is new, and waits until the record is whole; on a hub the code for which its author may not edit the record
   */
  async take(judged: Judged | JudgedSnapshot, origin: Origin | undefined): Promise<boolean> {
    const { entry, bytes, changes } = judged
    const { kind, record: key, incarnation } = entry
    if (!recordKinds.has(kind)) return this.#putBack(judged, origin)
    if (!this.#core.damage.has(key) || kind === 'tombstone') return false
    const { frontier } = await this.#turn.open(key)
    // What came before it was deleted is refused as ever, and what begins it anew does away with what is lost.
    if (incarnation !== frontier.incarnation) return false
    const record = await this.#recordOf(key)
    const isWanted = kind === 'receipt' ? await this.#lacksReceipt(key, judged) : record.wants(changes)
    if (!isWanted) {
      if (kind === 'receipt' || !changes.some((change) => record.isBeyond(change))) return kind !== 'receipt'
      if (!('parts' in judged)) this.#checkParked(judged, frontier.channels)
      throw waitsUntilWhole(key)
    }
    if ('parts' in judged) checkTaken(judged, record, key)
    else if (changes.some((change) => record.isBeyond(change))) throw waitsUntilWhole(key)
    const seq = this.#turn.append({ kind, record: key, bytes, origin })
    record.add(pieceOf({ seq, kind, record: key, bytes, origin }, this.#core.host))
    return true
  }

  /** What a hub parks it acknowledges, so it refuses first what the row alone tells: its author, and the channels that the record is in. @throws Refused */
  #checkParked({ entry, author, barred }: Judged, channels: readonly string[]): void {
    if (!this.#core.authority || !author) return
    if (barred) throw barred
    checkMayEdit(entry.record, author, channels)
  }

  /** An entry of no record, in the place of the one that is lost and was just this one. */
  async #putBack({ entry, bytes }: Judged, origin: Origin | undefined): Promise<boolean> {
    const { kind, record } = entry
    const seq = this.#core.damage.lostCount === 0 ? undefined : await this.#placeOf(entry)
    if (seq === undefined || !this.#core.damage.isLost(record, seq)) return false
    const channels = await channelsOfStream(this.#core.store, record)
    this.#turn.replace({ seq, kind, record, bytes, origin }, channels)
    await this.#core.damage.foundAgain(this.#turn, record, seq)
    return true
  }

  #placeOf({ kind, record, body }: Entry): Promise<Seq | undefined> | Seq | undefined {
    const { kinds, revocations, host } = this.#core
    if (kind === 'revocation') return revocations.placeOf(decodeRevocation(body))
    return kinds.get(kind)?.seqOf?.(ownTables(this.#turn), { record, body, hash: host.sha256(body) })
  }

  /** Of the records for which something was kept, those that are whole now. */
  async finish(): Promise<string[]> {
    const whole: string[] = []
    for (const key of this.#records.keys()) if (await this.heal(key)) whole.push(key)
    return whole
  }

  /** False: something is lacking still, or it is not damaged. */
  async heal(key: string): Promise<boolean> {
    const [core, turn] = [this.#core, this.#turn]
    if (!core.damage.has(key)) return false
    const damaged = await this.#recordOf(key)
    if (damaged.lacking.size > 0) return false
    const { frontier } = await turn.open(key)
    await turn.removeEntriesOf(key)
    await this.#buryAgain(key, damaged)
    for (const { logged } of damaged.inOrder()) turn.append({ ...logged })
    const { harm } = core.isolation.quarantineOf(key)!
    if (harm) turn.stayInQuarantine({ record: key, ...harm })
    else turn.leaveQuarantine(key)
    const entries = await turn.entriesOf(key)
    const anew = frontierFrom(frontier, entries, core.host)
    anew.ownSeq = Math.max(anew.ownSeq, frontier.ownSeq)
    // Nothing is lacking: it comes to what the row said, and where it does harm nobody loads it to see that.
    anew.heads = [...frontier.heads]
    const record = await turn.restore(await turn.open(key), anew, true)
    if (!harm) record.changed()
    for (const channel of frontier.channels) turn.mark(channel, key, 'enter')
    const receipts = new Set(damaged.pieces.flatMap((piece) => piece.receipts))
    if (receipts.size < RECEIPTS_LISTED_MAX) await forgetReceiptsBut(turn, key, receipts)
    await countAgain(turn, key)
    this.#records.delete(key)
    turn.afterCommit(() => {
      core.parking.putOff([key])
      core.events({
        level: 'info',
        code: 'record-healed',
        message: `${key} lacks nothing any more; its ${entries.length} entries are told again`,
        fields: { record: key, entries: entries.length },
      })
    })
    return true
  }

  /** The authority says anew that an earlier incarnation has gone, where its tombstone is what was lost; whoever is told that anew has it, or needs it. */
  async #buryAgain(key: string, { pieces }: DamagedRecord): Promise<void> {
    const { incarnation } = (await this.#turn.open(key)).frontier
    const { hub, host } = this.#core
    if (!hub || incarnation === 0) return
    if (pieces.some(({ logged }) => logged.kind === 'tombstone')) return
    const bytes = await hub.tombstone(key, incarnation - 1, host.now())
    this.#turn.append({ kind: 'tombstone', record: key, bytes })
  }

  async #recordOf(key: string): Promise<DamagedRecord> {
    const known = this.#records.get(key)
    if (known) return known
    const { frontier } = await this.#turn.open(key)
    const entries = await this.#turn.entriesOf(key)
    const record = new DamagedRecord(
      frontier,
      entries.map((entry) => pieceOf(entry, this.#core.host)),
    )
    this.#records.set(key, record)
    return record
  }

  /** It is listed, and there is no entry of it. */
  async #lacksReceipt(key: string, { entry }: Judged): Promise<boolean> {
    const hash = bodyHash(this.#core.host, entry.body)
    if ((await this.#recordOf(key)).pieces.some(({ receipts }) => receipts.includes(hash))) return false
    return (await receiptHashes(this.#core.store, key)).includes(hash)
  }
}

/**
 * A snapshot brings what is lacking together with what is new only where the authority tells it, which answers for both; what an author's part lacks to be told on counts where something of it was lacking.
 * @throws Refused
 */
function checkTaken({ author, changes, parts }: JudgedSnapshot, record: DamagedRecord, key: string): void {
  for (const part of parts) if ('refused' in part && record.wants(part.changes)) throw part.refused
  if (author && changes.some((change) => record.isBeyond(change))) throw waitsUntilWhole(key)
}
