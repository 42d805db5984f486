/**
 * One live sync between two replicas over one transport: joins the handshake, what is asked, what is told and what is heard. It only
 * routes; each of them decides for itself. Every error, whoever made it, ends the session with BYE and touches nothing else (E1).
 *
 *                        ┌── Meeting (handshake) ──┐
 *     Transport ── Wire ─┤── Entitlement ─ Outgoing ├── SessionReplica
 *                        └── Asking ────── Incoming ┘
 */
import type { PresenceLink, PresenceMessage } from '../ephemeral/port.ts'
import { SPACE_CHANNEL } from '../identity/credential.ts'
import type { Flow, Granted, Session, SessionEvent, SessionOptions } from './api.ts'
import { Asking } from './asking.ts'
import { PeerBudgets } from './budget.ts'
import { CitedCredentials } from './cited-credentials.ts'
import { NO_CREDENTIAL } from './credential-check.ts'
import * as ending from './ending.ts'
import { Entitlement } from './entitlement.ts'
import { Incoming } from './incoming.ts'
import { HANDSHAKE_MS_MAX, SEND_BUFFER_BYTES_MAX } from './limits.ts'
import { Meeting } from './meeting.ts'
import { decodeMessage, type MessageName, type MessageOf, messageName } from './messages.ts'
import type { Met } from './met.ts'
import { Outgoing } from './outgoing.ts'
import type { Peer, SessionReplica } from './port.ts'
import { type Audit, Reconciling } from './reconciling.ts'
import { Throttle } from './throttle.ts'
import type { Transport } from './transport.ts'
import { channelsOf } from './want.ts'
import { type Counters, Wire } from './wire.ts'

export type { Flow, Granted, Session, SessionEvent, SessionOptions } from './api.ts'

/** Takes over `transport`, which must be connected and not yet bound. */
export function startSession(
  replica: SessionReplica,
  transport: Transport,
  options: SessionOptions,
): Session {
  const session = new LiveSession(replica, transport, options)
  session.start()
  return session
}

const presenceNames: ReadonlySet<MessageName> = new Set(['presence', 'who', 'author', 'hush'])

class LiveSession implements Session {
  readonly closed: Promise<ending.Ending>
  readonly #replica: SessionReplica
  readonly #options: SessionOptions
  readonly #wire: Wire
  readonly #meeting: Meeting
  readonly #outgoing: Outgoing
  readonly #incoming: Incoming
  readonly #asking: Asking
  readonly #reconciling: Reconciling
  #presence: PresenceLink | undefined
  #hasHushed = false
  #entitlement: Entitlement | undefined
  #throttle: Throttle | undefined
  #granted: Granted = { read: [], write: [] }
  /** What each side asks and is told is known. */
  #isMet = false
  #tokenToShow: string | undefined
  /** Hash of the credential that this side showed in the handshake, hex. */
  #ownShown = NO_CREDENTIAL
  readonly #cancels: (() => void)[] = []
  readonly #listeners = new Set<() => void>()
  #shown: readonly unknown[] = []
  #ending: ending.Ending | undefined
  #resolveClosed!: (ending: ending.Ending) => void

  constructor(replica: SessionReplica, transport: Transport, options: SessionOptions) {
    this.#replica = replica
    this.#options = options
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    const fail = (error: unknown) => this.#fail(error)
    const run = (work: () => Promise<() => void>) => this.#run(work)
    const credentials = () =>
      new CitedCredentials(replica, [this.#entitlement!.peer.credential.hash, this.#ownShown])
    const wire = new Wire(transport, (name) => this.#throttle?.said(name))
    this.#wire = wire
    this.#meeting = new Meeting({
      role: options.role,
      versions: options.versions,
      replica,
      wire,
      run,
      opened: (met) => this.#opened(met),
      message: (name, message) => this.#handle(name, message),
      ended: (bye) => this.#ended(bye),
    })
    this.#asking = new Asking(
      () => replica.want(this.#entitlement!.peer, { again: true }),
      (message) => wire.send(message),
      run,
    )
    this.#outgoing = new Outgoing(
      {
        replica,
        send: (message, entries) => wire.sendFrame(message, entries),
        bufferedBytes: () => wire.bufferedBytes,
        bufferBytesMax: () => Math.min(options.sendBufferBytesMax?.() ?? Infinity, SEND_BUFFER_BYTES_MAX),
        firstReads: options.firstReads,
        credentials,
        leftOut: (seq, bytes) => this.#log({ kind: 'entry-left-out', seq, bytes }),
        changed: () => this.#changed(),
        fail,
      },
      options.compress !== 'never',
    )
    this.#incoming = new Incoming({
      givenUp: (record) => this.#outgoing.givenUp(record),
      replica,
      peer: () => this.#entitlement!.peer,
      throttle: () => this.#throttle,
      send: (message) => wire.send(message),
      credentialLeftOut: (error) => this.#log({ kind: 'credential-left-out', error }),
      delivered: (entries) => {
        wire.counters.entriesIn += entries
        this.#changed()
      },
      fail,
    })
    this.#reconciling = new Reconciling({
      replica,
      peer: () => this.#entitlement!.peer,
      credentials,
      allowed: async () => this.#throttle?.allowed() ?? true,
      send: (message) => wire.send(message),
      run,
      outgoing: this.#outgoing,
      incoming: this.#incoming,
      isCurrent: () => this.current,
      askAgain: () => this.#asking.askAgain(),
      askAnew: (channels) =>
        this.#run(async () => {
          await replica.met(this.#entitlement!.peer, channels)
          return () => this.#asking.askAgain()
        }),
      audited: (audit) => this.#audited(audit),
      changed: () => this.#changed(),
      fail,
    })
  }

  get state(): Session['state'] {
    const { state } = this.#meeting
    return state === 'open' || state === 'closed' ? state : 'handshake'
  }

  get peer(): Peer | undefined {
    return this.#entitlement?.peer
  }

  get granted(): Granted {
    return this.#granted
  }

  get current(): boolean {
    if (this.state !== 'open') return false
    const isAnswered = this.#asking.answered && this.#entitlement!.isAnswered && this.#reconciling.isSettled
    return isAnswered && this.#incoming.current && this.#outgoing.inStep
  }

  get queryable(): boolean {
    return this.current || (this.state === 'open' && this.#incoming.hasAllViews)
  }

  get counters(): Readonly<Counters> {
    return this.#wire.counters
  }

  get flow(): Flow {
    const { creditBytes, unacknowledged } = this.#outgoing
    return { creditBytes, unacknowledged, bufferedBytes: this.#wire.bufferedBytes }
  }

  start(): void {
    this.#attempt(() => {
      this.#wire.start({
        message: (message) => this.#attempt(() => this.#receive(message)),
        drained: () => this.#outgoing.drained(),
        closed: (code, reason) => this.#transportClosed(code, reason),
      })
      this.#cancels.push(
        this.#replica.host.timer(HANDSHAKE_MS_MAX, () => this.#attempt(() => this.#meeting.timeout())),
      )
      this.#meeting.start()
    })
  }

  rewant(): void {
    this.#asking.askAgain()
  }

  renew(token: string): void {
    if (this.#options.role === 'acceptor')
      throw new Error('renewing a credential: only an initiator shows one in a session')
    if (this.state !== 'open') {
      this.#tokenToShow = token
      return
    }
    this.#attempt(() => {
      this.#wire.send({ type: 'credential', token })
      // It may grant channels that were not asked for.
      this.#asking.askAgain()
    })
  }

  audit({ recount = false }: { recount?: boolean } = {}): Promise<Audit | undefined> {
    return this.#reconciling.audit(recount)
  }

  close(code: number = ending.closeCodes.done, reason = 'done'): void {
    this.#end(ending.farewellByCloseCode(code, reason))
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #receive(message: Uint8Array): void {
    if (this.state === 'closed') return
    this.#wire.received(message)
    this.#meeting.receive(messageName(message), message)
  }

  #opened(met: Met): void {
    const { peer, shown, asked, heard, refused, granted, creditBytes } = met
    this.#ownShown = shown
    const isAcceptor = this.#options.role === 'acceptor'
    this.#cancel()
    this.#granted = named(granted)
    this.#presence = this.#joinPresences()
    this.#entitlement = new Entitlement(
      {
        replica: this.#replica,
        send: (message) => {
          this.#reconciling.gaveGranted()
          this.#wire.send(message)
        },
        follow: (want, resume) => {
          this.#reconciling.tells(want, resume)
          this.#presence?.tells(want.kind === 'log' ? 'all' : new Set(channelsOf(want)))
          if (this.#isMet) this.#reconciling.begin()
          this.#changed()
        },
        doubtHeld: () => this.#outgoing.doubtHeld(),
        run: (work) => this.#run(work),
        between: (judged) => this.#incoming.between(judged),
        fail: (error) => this.#fail(error),
      },
      met,
    )
    this.#throttle = this.#throttleOf(peer)
    this.#met(refused, true)
    this.#reconciling.hears(heard)
    this.#outgoing.addCredit(creditBytes)
    this.#entitlement.start(met, isAcceptor)
    this.#isMet = true
    this.#reconciling.begin()
    this.#asking.opened(asked)
    this.#cancels.push(
      this.#replica.onCommit((head, channels) => this.#outgoing.committed(head, channels)),
      this.#replica.onDamage(() => this.#askForDamaged()),
    )
    this.#askForDamaged()
    if (isAcceptor) this.#options.sessions?.enter(peer, this)
    if (this.#tokenToShow !== undefined) this.renew(this.#tokenToShow)
    const { auditMs } = this.#options
    if (auditMs !== undefined) this.#reconciling.auditEvery(auditMs)
    this.#log({ kind: 'opened', peer })
    this.#changed()
  }

  /** B1: the authority answers for what it tells, and a first sync from it shall be as fast as can be. */
  #throttleOf({ node, credential }: Peer): Throttle | undefined {
    if (credential.role === 'authority') return undefined
    const { host } = this.#replica
    const { counters } = this.#wire
    return new Throttle({
      host,
      budget: (this.#options.budgets ?? new PeerBudgets()).of(node, host.now()),
      slowed: (by, waitMs) => this.#log({ kind: 'slowed', by, waitMs }),
      waited: (ms) => {
        counters.slowedMs += ms
      },
    })
  }

  #handle(name: MessageName, message: Uint8Array): void {
    this.#throttle?.heard(name, message.length)
    if (name === 'frame') {
      this.#incoming.receive(message)
      return
    }
    if (presenceNames.has(name) && !this.#admitsPresence(name, message)) return
    const said = decodeMessage(name, message, this.#replica.log)
    switch (said.type) {
      case 'ack':
        this.#outgoing.acknowledge(said)
        if (said.refusals.length > 0) this.#reconciling.heardRefusals()
        break
      case 'credit':
        this.#outgoing.addCredit(said.bytes)
        break
      case 'want':
        this.#entitlement!.asked(said.want)
        break
      case 'credential':
        this.#entitlement!.shown(said.token)
        break
      case 'granted':
        this.#reconciling.heardGranted()
        this.#reconciling.hears(this.#asking.heard(said))
        this.#met(said.refused)
        this.#reconciling.begin()
        this.#granted = named(said)
        this.#changed()
        break
      case 'compare':
      case 'differences':
      case 'ask':
      case 'answer':
        this.#reconciling.take(said)
        break
      case 'presence':
      case 'who':
      case 'author':
      case 'hush':
        this.#presence?.take(said)
        break
      default:
        throw new Error(`${name} is not a message of an open session: the handshake's table let it through`)
    }
  }

  /** What this side cannot read any more: the log is asked anew, which the peer compares first (Q13); channels are compared at once. */
  #askForDamaged(): void {
    this.#run(async () => {
      const mayHave = await this.#replica.mayHaveDamaged(this.#entitlement!.peer)
      return () => {
        if (mayHave) this.#reconciling.askForDamaged()
      }
    })
  }

  #met(refused: readonly string[], isNew = false): void {
    this.#replica.met(this.#entitlement!.peer, refused, isNew).catch((error) => this.#fail(error))
  }

  #audited({ channels, diverged }: Audit): void {
    const { counters } = this.#wire
    counters.audits += 1
    counters.diverged += diverged
    this.#log({ kind: 'audited', channels, diverged })
  }

  #joinPresences(): PresenceLink | undefined {
    const { counters } = this.#wire
    return this.#replica.presences?.join({
      peer: () => this.#entitlement!.peer,
      send: (message) => this.#attempt(() => this.#sayPresence(message)),
      bufferedBytes: () => this.#wire.bufferedBytes,
      isDataHeld: () => this.#outgoing.isHeld,
      dropped: () => {
        counters.presencesDropped += 1
      },
    })
  }

  #sayPresence(message: PresenceMessage): void {
    if (message.type === 'presence') this.#wire.counters.presencesOut += 1
    this.#wire.send(message)
  }

  /** Who takes no part says so once (ephemeral/SPEC.md, PR-22). */
  #admitsPresence(name: MessageName, message: Uint8Array): boolean {
    if (name === 'presence') this.#wire.counters.presencesIn += 1
    if (this.#presence === undefined && name === 'presence' && !this.#hasHushed) {
      this.#hasHushed = true
      this.#wire.send({ type: 'hush' })
    }
    return this.#presence?.admits(message.length) ?? false
  }

  /** The peer said BYE. */
  #ended({ code, problem }: MessageOf<'bye'>): void {
    const closeCode = ending.closeCodeOf(code)
    const retry = ending.isWorthRetry(closeCode, false)
    this.#settle({ code: closeCode, reason: code, retry, ...ending.errorOf(code, problem) })
    const evidence = code === 'credential-revoked' ? ending.evidenceOf(problem) : undefined
    if (evidence) this.#replica.heardRevocation(evidence).catch((error) => this.#fail(error))
    this.#wire.close(closeCode, code)
  }

  #fail(thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    if (this.#ending !== undefined) this.#ending.error ??= error
    else this.#end(ending.farewellFor(error), error)
  }

  #end(goodbye: ending.Farewell, error?: Error): void {
    if (this.#ending !== undefined) return
    const { code, closeCode } = goodbye
    const how = { code: closeCode, reason: code, retry: ending.isWorthRetry(closeCode, true) }
    this.#settle({ ...how, ...(error && { error }) }, ending.isBan(closeCode))
    this.#wire.end(goodbye)
  }

  #transportClosed(code: number, reason: string): void {
    if (this.#ending === undefined) this.#settle({ code, reason, retry: ending.isWorthRetry(code, false) })
    this.#resolveClosed(this.#ending!)
  }

  /** `isBan`: this side ended it for the peer's credential. */
  #settle(how: ending.Ending, isBan = false): void {
    this.#ending = how
    this.#presence?.end(isBan)
    this.#meeting.end()
    this.#outgoing.end()
    this.#incoming.end()
    this.#reconciling.end()
    this.#throttle?.end()
    this.#cancel()
    if (this.#entitlement !== undefined) {
      this.#entitlement.end()
      this.#options.sessions?.leave(this.#entitlement.peer, this)
    }
    this.#log({ kind: 'ended', ending: how })
    this.#changed()
  }

  /** Work that waits; what it gives back is done when it is over, unless the session ended meanwhile. */
  #run(work: () => Promise<() => void>): void {
    work().then(
      (next) => {
        if (this.state !== 'closed') this.#attempt(next)
      },
      (error) => this.#fail(error),
    )
  }

  /** Timers and subscriptions. */
  #cancel(): void {
    for (const cancel of this.#cancels.splice(0)) cancel()
  }

  #attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#fail(error)
    }
  }

  #changed(): void {
    this.#reconciling.lookAfterDamage()
    const now = [this.state, this.current, this.queryable, this.#entitlement?.peer, this.#granted]
    if (now.every((value, i) => value === this.#shown[i])) return
    this.#shown = now
    for (const listener of [...this.#listeners]) this.#tell(listener)
  }

  #log(event: SessionEvent): void {
    this.#tell(() => this.#options.log?.(event))
  }

  /** Calls into the application. What it throws ends this session, as any error does, and is in its ending. */
  #tell(listener: () => void): void {
    try {
      listener()
    } catch (error) {
      this.#fail(error)
    }
  }
}

/** The channels of a grant that somebody named: the space's own is everybody's. */
function named({ read, write }: Granted): Granted {
  return { read: read.filter((channel) => channel !== SPACE_CHANNEL), write }
}
