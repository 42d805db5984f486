/**
 * Joins both sides of a reconciliation to a session: what is compared when, what waits for it, and where the ordinary stream goes on afterwards. Channels asked without a
 * valid cursor are compared first (Q1); so are all channels before a log is told anew to a peer that may know it (Q13); and all of them in an audit (Q14).
 */
import { AUDITS_PER_RECOUNT, SEED_BYTES } from '../reconcile/limits.ts'
import { Answering } from './answering.ts'
import type { CitedCredentials } from './cited-credentials.ts'
import { Compared } from './compared.ts'
import { Comparing, type ComparingEnd } from './comparing.ts'
import { isToReconcile, NO_RUN, ownerOf, withLeaves } from './cursor.ts'
import type { Incoming } from './incoming.ts'
import type { ControlName, MessageOf } from './messages.ts'
import type { Outgoing } from './outgoing.ts'
import type { Cursor, Peer, SessionReplica, Want } from './port.ts'
import { settledWant, waitingOf, withoutWaiting } from './want.ts'

/** What an audit found. */
export interface Audit {
  /** Channels that were compared. */
  channels: readonly string[]
  /** Records that differed, and are being healed, though nothing under way explains it. */
  diverged: number
}

export interface ReconcilingPorts {
  replica: SessionReplica
  peer(): Peer
  /** None of them sent but by the handshake. */
  credentials(): CitedCredentials
  /** Resolves when the peer's budget allows to answer; false: the session ended. */
  allowed(): Promise<boolean>
  send<N extends ControlName>(message: MessageOf<N>): void
  /** Starts work that waits; what it gives back is done afterwards, unless the session ended. */
  run(work: () => Promise<() => void>): void
  outgoing: Pick<
    Outgoing,
    'follow' | 'givenUp' | 'leaveOut' | 'lostUpTo' | 'sendMissing' | 'missingSent' | 'settledUpTo' | 'wait'
  >
  incoming: Pick<Incoming, 'follow'>
  isCurrent(): boolean
  /** Asks again what this side wants. */
  askAgain(): void
  /** Cursors of these channels are worth nothing: they are forgotten, and the channels asked anew. */
  askAnew(channels: readonly string[]): void
  audited(audit: Audit): void
  changed(): void
  fail(error: unknown): void
}

export class Reconciling {
  readonly #ports: ReconcilingPorts
  readonly #comparing: Comparing
  readonly #answering: Answering
  #heard: Want = { kind: 'nothing' }
  #told: Want = { kind: 'nothing' }
  /** The whole log is to be told from the beginning, when it is known what the peer has of it. */
  #logWaits = false
  #logWasCompared = false
  /** The comparison that is under way began before the log was asked from its beginning. */
  #isBusyBefore = false
  #judging = false
  #audit: { channels: readonly string[]; resolve: (audit: Audit | undefined) => void } | undefined
  #audits = 0
  /** GRANTED that came, and that were sent: who compares says how many it had heard, so that nothing is settled for a comparison that it cancelled. */
  #grantedHeard = 0
  /** Something that was here cannot be read any more: compared as soon as may be. */
  #isDamageDue = false
  #grantedGiven = 0
  /** What is compared was counted here with entries that the authority did not take, or has elsewhere: they go. */
  #isDoubtful = false
  #cancelTimer: (() => void) | undefined

  constructor(ports: ReconcilingPorts) {
    this.#ports = ports
    const { replica, run, outgoing } = ports
    const shared = {
      replica,
      run,
      credentials: () => ports.credentials(),
      sendMissing: (items: Parameters<Outgoing['sendMissing']>[0]) => outgoing.sendMissing(items),
      missingSent: () => outgoing.missingSent(),
      settledUpTo: () => outgoing.settledUpTo,
    }
    this.#comparing = new Comparing({
      ...shared,
      send: (message) => ports.send(message),
      granted: () => this.#grantedHeard,
      mends: () => this.#told.kind === 'log' && !this.#logWaits,
      settled: (end) => this.#takeUp(end),
      over: (end) => this.#compared(end),
    })
    this.#answering = new Answering({
      ...shared,
      peer: () => ports.peer(),
      allowed: () => ports.allowed(),
      send: (message) => ports.send(message),
      settled: (seq, beginning) => this.#settled(seq, beginning),
    })
  }

  /** Nothing waits for a reconciliation. */
  get isSettled(): boolean {
    return !this.#logWaits && waitingOf(this.#heard).length === 0 && waitingOf(this.#told).length === 0
  }

  /** GRANTED is sent. What follows from it is told at once (`tells`). */
  gaveGranted(): void {
    this.#grantedGiven += 1
  }

  /** GRANTED came. What follows from it is heard at once (`hears`). */
  heardGranted(): void {
    this.#grantedHeard += 1
  }

  /** The peer refused what this side told, or has it elsewhere (Q16). */
  heardRefusals(): void {
    this.#isDoubtful ||= this.#comparing.isBusy && this.#ports.peer().credential.role === 'authority'
  }

  /** What the peer will tell of what was asked. */
  hears(want: Want): void {
    this.#comparing.cancel()
    this.#isBusyBefore = false
    this.#endAudit(undefined)
    this.#heard = want
    this.#ports.incoming.follow(withoutWaiting(want), waitingOf(want))
  }

  /** What the peer is to be told. `resume`: channels that were told go on where they stand. */
  tells(want: Want, resume: boolean): void {
    this.#answering.follow(new Set(want.kind === 'channels' ? want.cursors.keys() : []))
    const isAskedAgain = this.#told.kind === 'log'
    this.#told = want
    // What the peer had then it may lack now, when it asks anew.
    if (!resume) this.#logWasCompared = false
    this.#logWaits = this.#isLogLost(want)
    const { replica, outgoing } = this.#ports
    if (this.#logWaits) {
      this.#isBusyBefore = this.#comparing.isBusy
      outgoing.wait()
      return
    }
    // It had a cursor, or no need of one, and wants all there is.
    if (isAskedAgain && isFromBeginning(want) && !this.#logWasCompared) outgoing.lostUpTo(replica.head)
    this.#follow({ resume })
  }

  /** After what is heard or told changed. */
  begin(): void {
    if (this.#comparing.isBusy || this.#judging) return
    if (this.#logWaits) this.#judgeLog()
    else this.#compare(waitingOf(this.#heard))
  }

  /** @throws ProtocolError */
  take(said: MessageOf<'compare' | 'differences' | 'ask' | 'answer'>): void {
    if (said.type === 'compare') this.#answering.compare(said, this.#grantedGiven)
    else if (said.type === 'ask') this.#answering.ask(said)
    else if (said.type === 'differences') this.#comparing.differences(said)
    else this.#comparing.answer(said)
  }

  /** Undefined: not now, or the session ended meanwhile. */
  audit(recount: boolean): Promise<Audit | undefined> {
    const asked = this.#heard.kind === 'channels' ? [...this.#heard.cursors.keys()] : []
    if (asked.length === 0 || this.#comparing.isBusy || !this.#ports.isCurrent())
      return Promise.resolve(undefined)
    const { host } = this.#ports.replica
    const channels = recount ? [asked[this.#audits % asked.length]!] : asked
    this.#audits += 1
    return new Promise((resolve) => {
      this.#audit = { channels, resolve }
      this.#comparing.start(channels, recount ? host.random(SEED_BYTES) : undefined)
    })
  }

  /** The peer may have what this side cannot read any more. */
  askForDamaged(): void {
    if (this.#heard.kind === 'log') this.#ports.askAgain()
    else this.#isDamageDue = true
    this.lookAfterDamage()
  }

  /** To be called when something changed: an audit needs a session that is in step. */
  lookAfterDamage(): void {
    if (!this.#isDamageDue || this.#comparing.isBusy || !this.#ports.isCurrent()) return
    this.#isDamageDue = false
    void this.audit(false).then((audit) => {
      this.#isDamageDue ||= audit === undefined
    })
  }

  /** Audits by itself from now on, every so many milliseconds; now and then it is a recount. */
  auditEvery(ms: number): void {
    this.#cancelTimer = this.#ports.replica.host.timer(ms, () => {
      this.auditEvery(ms)
      void this.audit(this.#audits % AUDITS_PER_RECOUNT === AUDITS_PER_RECOUNT - 1)
    })
  }

  end(): void {
    this.#cancelTimer?.()
    this.#comparing.cancel()
    this.#endAudit(undefined)
  }

  #isLogLost(want: Want): boolean {
    return isFromBeginning(want) && !this.#logWasCompared && this.#comparable().length > 0
  }

  /** Whether there is anything in the log that the peer could know; it is not worth comparing otherwise. */
  #judgeLog(): void {
    const { run, replica } = this.#ports
    this.#judging = true
    run(async () => {
      const mayBeKnown = await replica.digests.mayBeKnown()
      return () => {
        this.#judging = false
        if (!mayBeKnown) this.#releaseLog()
        this.#compare(this.#logWaits ? this.#comparable() : waitingOf(this.#heard))
        this.#ports.changed()
      }
    })
  }

  #compare(channels: readonly string[]): void {
    if (this.#comparing.isBusy) return
    this.#isDoubtful = false
    if (channels.length > 0) this.#comparing.start(channels)
    else this.#releaseLog()
  }

  /** Channels in which the two have met, or may have: those asked with a cursor. */
  #comparable(): string[] {
    if (this.#heard.kind !== 'channels') return []
    return [...this.#heard.cursors].flatMap(([channel, cursor]) =>
      cursor !== undefined && (isToReconcile(cursor) || cursor.run !== NO_RUN) ? [channel] : [],
    )
  }

  /** This side is the one that asked. */
  #compared(end: ComparingEnd): void {
    // What was found before the peer asked may have been lost since.
    if (!this.#isBusyBefore) {
      if (this.#logWaits) this.#leaveOut(end)
      this.#releaseLog()
    }
    this.#isBusyBefore = false
    if (this.#audit !== undefined) this.#askAnew(end)
    this.#endAudit(end.outcome.diverged)
    this.#ports.changed()
    // Something may have begun to wait meanwhile.
    this.begin()
  }

  /** Channels that waited go on from where the peer says; frames that follow are delivered when their claims are settled. */
  #takeUp(end: ComparingEnd): void {
    const waiting = waitingOf(this.#heard)
    if (waiting.length === 0) return
    const { log } = this.#ports.peer()
    const verdicts = verdictsOf(end)
    const next = settledWant(this.#heard, (channel) => {
      const verdict = verdicts.get(channel)
      if (verdict === undefined || verdict === 'left-out') return 'leave-out'
      return verdict === 'beginning' ? withLeaves(log) : goingOn(log, end.settled)
    })
    this.#heard = next
    const isDoubtful = this.#isDoubtful
    const gate = this.#settleClaims(waiting, verdicts, end, isDoubtful)
    gate.then(
      () => isDoubtful && this.#ports.askAgain(),
      (error) => this.#ports.fail(error),
    )
    this.#ports.incoming.follow(next, [], gate)
  }

  async #settleClaims(
    waiting: readonly string[],
    verdicts: ReadonlyMap<string, string>,
    { outcome, upTo }: ComparingEnd,
    mayHaveGone: boolean,
  ): Promise<void> {
    const { replica, peer } = this.#ports
    const { credential, log } = peer()
    if (credential.role !== 'authority') return
    const differing = new Set(outcome.differing.keys())
    for (const [i, { tree }] of outcome.trees.entries()) {
      const { channel, kind } = tree
      if (kind !== 'records' || !waiting.includes(channel)) continue
      const isVoid = verdicts.get(channel) !== 'compared'
      const [onlyHere, lacked] = [outcome.onlyHere[i]!, outcome.lacked[i]!]
      const isDoubtful = mayHaveGone && !isVoid
      await replica.digests.settleClaims({
        channel,
        isVoid,
        differing,
        onlyHere,
        lacked,
        upTo,
        log,
        isDoubtful,
      })
    }
  }

  #leaveOut({ outcome, upTo }: ComparingEnd): void {
    const { replica, outgoing } = this.#ports
    const channels = new Set<string>()
    for (const { tree, verdict } of outcome.trees)
      if (tree.kind === 'records' && verdict === 'compared') channels.add(tree.channel)
      // So much differs that it was not looked at one by one.
      else if (verdict === 'beginning') outgoing.lostUpTo(upTo)
    this.#logWasCompared = true
    // Also of what came from there the peer has just said that it is not there.
    for (const [key, state] of outcome.differing)
      if (state === undefined) outgoing.givenUp(key.split('\n', 1)[0]!)
    outgoing.leaveOut(new Compared(replica.digests, { channels, differing: outcome.differing, upTo }))
  }

  /** An audit found so much to differ that it was not compared. */
  #askAnew(end: ComparingEnd): void {
    const channels = [...verdictsOf(end)].flatMap(([channel, verdict]) =>
      verdict === 'beginning' ? [channel] : [],
    )
    if (channels.length > 0) this.#ports.askAnew(channels)
  }

  #releaseLog(): void {
    if (!this.#logWaits) return
    this.#logWaits = false
    this.#follow({ resume: false })
  }

  /** This side is the one that was asked. */
  #settled(seq: number, beginning: ReadonlySet<string>): void {
    if (waitingOf(this.#told).length === 0) return
    const { log, runs } = this.#ports.replica
    this.#told = settledWant(this.#told, (channel) =>
      beginning.has(channel) ? withLeaves(log) : goingOn(log, { run: ownerOf(runs, seq) ?? NO_RUN, seq }),
    )
    this.#follow({ resume: true })
    this.#ports.changed()
  }

  #follow(how: { resume: boolean }): void {
    this.#ports.outgoing.follow(this.#ports.peer(), withoutWaiting(this.#told), how)
  }

  #endAudit(diverged: number | undefined): void {
    const audit = this.#audit
    if (audit === undefined) return
    this.#audit = undefined
    if (diverged === undefined) {
      audit.resolve(undefined)
      return
    }
    const found = { channels: audit.channels, diverged }
    this.#ports.audited(found)
    audit.resolve(found)
  }
}

/** Where a channel goes on: nothing was in the log when it was compared, if that is at 0. */
function goingOn(log: string, { run, seq }: { run: string; seq: number }): Cursor {
  return seq === 0 ? withLeaves(log) : { log, run, seq }
}

/** A channel is compared when all its trees are. */
function verdictsOf({ outcome }: ComparingEnd): Map<string, 'compared' | 'beginning' | 'left-out'> {
  const verdicts = new Map<string, 'compared' | 'beginning' | 'left-out'>()
  for (const { tree, verdict } of outcome.trees) {
    const other = verdicts.get(tree.channel)
    if (other === undefined || other === 'compared' || verdict === 'left-out')
      verdicts.set(tree.channel, verdict)
  }
  return verdicts
}

function isFromBeginning(want: Want): boolean {
  return want.kind === 'log' && want.cursor === undefined
}
