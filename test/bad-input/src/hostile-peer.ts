/**
 * A device that speaks the protocol rightly and says what no honest one would: it shows its own true credential, and then tells entries of the test's making, or has
 * bytes of its messages changed on their way out. Over a real WebSocket.
 */
import {
  type Ending,
  type LoggedEntry,
  type Peer,
  type Refusal,
  type Seq,
  type SessionReplica,
  startSession,
  type Transport,
  type TransportEvents,
} from '@skerry/core'
import { SUBPROTOCOL } from '@skerry/ws'
import { onTestFinished } from 'vitest'
import { addressOf, type Device, type Space } from './space.ts'

export type Tamper = (message: Uint8Array) => Uint8Array

export interface Hostilities {
  /** Encoded entries, told after those of the replica itself. */
  entries?: { record: string; bytes: Uint8Array }[]
  tamper?: Tamper
}

export interface HostilePeer {
  /** Resolves with the hub's refusals of the first answer that covers all of `entries`. */
  refusals: Promise<readonly Refusal[]>
  ended: Promise<Ending>
}

export async function hostilePeer(
  { hub }: Space,
  { replica }: Pick<Device, 'replica'>,
  hostilities: Hostilities,
): Promise<HostilePeer> {
  const socket = new WebSocket(addressOf(hub), SUBPROTOCOL)
  socket.binaryType = 'arraybuffer'
  onTestFinished(() => socket.close())
  const transport = new TamperedTransport(socket, hostilities.tamper ?? ((message) => message))
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = reject
  })
  const told = new TellingReplica(replica.session, hostilities.entries ?? [])
  const session = startSession(told, transport, { role: 'initiator' })
  return { refusals: told.refusals, ended: session.closed }
}

/** Sequences left for what the replica itself will hear and write meanwhile. */
const ROOM = 10_000

/** A replica's session side with more in its log than the replica has. */
class TellingReplica implements SessionReplica {
  readonly refusals: Promise<readonly Refusal[]>
  readonly #inner: SessionReplica
  readonly #entries: LoggedEntry[]
  #answered: Seq = 0
  #refused: (refusals: readonly Refusal[]) => void = () => undefined

  constructor(inner: SessionReplica, entries: readonly { record: string; bytes: Uint8Array }[]) {
    this.#inner = inner
    this.#entries = entries.map((entry, index) => ({
      ...entry,
      kind: 'changes',
      seq: inner.head + ROOM + index,
    }))
    this.refusals = new Promise((resolve) => {
      this.#refused = resolve
    })
  }

  get host() {
    return this.#inner.host
  }
  get space() {
    return this.#inner.space
  }
  get verifier() {
    return this.#inner.verifier
  }
  get publicKey() {
    return this.#inner.publicKey
  }
  get node() {
    return this.#inner.node
  }
  get log() {
    return this.#inner.log
  }
  get runs() {
    return this.#inner.runs
  }
  get head() {
    return Math.max(this.#entries.at(-1)?.seq ?? 0, this.#inner.head)
  }
  get forgotten() {
    return this.#inner.forgotten
  }
  get credential() {
    return this.#inner.credential
  }
  get digests() {
    return this.#inner.digests
  }

  get viewsMin() {
    return this.#inner.viewsMin
  }

  readViews(...asked: Parameters<SessionReplica['readViews']>) {
    return this.#inner.readViews(...asked)
  }

  takeViews(told: Parameters<SessionReplica['takeViews']>[0]): Promise<void> {
    return this.#inner.takeViews(told)
  }

  async readLog(...[after, limit, to]: Parameters<SessionReplica['readLog']>): Promise<LoggedEntry[]> {
    return [
      ...(await this.#inner.readLog(after, limit, to)),
      ...this.#entries.filter(({ seq }) => seq > after),
    ]
  }

  met(peer: Peer, refused: readonly string[]): Promise<void> {
    return this.#inner.met(peer, refused)
  }

  acknowledged(_peer: Peer, seq: Seq, refusals: readonly Refusal[]): Promise<void> {
    this.#answered = seq
    if (seq >= (this.#entries.at(-1)?.seq ?? 0)) this.#refused(refusals)
    return Promise.resolve()
  }

  answered(): Seq {
    return this.#answered
  }

  onBarred: SessionReplica['onBarred'] = (listener) => this.#inner.onBarred(listener)
  heardRevocation: SessionReplica['heardRevocation'] = (evidence) => this.#inner.heardRevocation(evidence)
  sign: SessionReplica['sign'] = (message) => this.#inner.sign(message)
  want: SessionReplica['want'] = (peer) => this.#inner.want(peer)
  readChannels: SessionReplica['readChannels'] = (after, limit) => this.#inner.readChannels(after, limit)
  credentialByHash: SessionReplica['credentialByHash'] = (hash) => this.#inner.credentialByHash(hash)
  credentialsCited: SessionReplica['credentialsCited'] = (entry) => this.#inner.credentialsCited(entry)
  deliver: SessionReplica['deliver'] = (delivery) => this.#inner.deliver(delivery)
  mayHaveDamaged: SessionReplica['mayHaveDamaged'] = (peer) => this.#inner.mayHaveDamaged(peer)
  onDamage: SessionReplica['onDamage'] = (listener) => this.#inner.onDamage(listener)
  onCommit: SessionReplica['onCommit'] = (listener) => this.#inner.onCommit(listener)
  remember: SessionReplica['remember'] = (credential) => this.#inner.remember(credential)
}

class TamperedTransport implements Transport {
  readonly #socket: WebSocket
  readonly #tamper: Tamper
  /** Arrived before `bind`. */
  readonly #early: Uint8Array[] = []

  constructor(socket: WebSocket, tamper: Tamper) {
    this.#socket = socket
    this.#tamper = tamper
    socket.onmessage = ({ data }) => this.#early.push(new Uint8Array(data as ArrayBuffer))
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  send(message: Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(new Uint8Array(this.#tamper(message)))
  }

  bind({ message, closed }: TransportEvents): void {
    // An empty message is a heartbeat of the transport, not a message of the session.
    const hear = (bytes: Uint8Array) => bytes.length > 0 && message(bytes)
    this.#socket.onmessage = ({ data }) => hear(new Uint8Array(data as ArrayBuffer))
    queueMicrotask(() => this.#early.forEach(hear))
    this.#socket.onclose = ({ code, reason }) => closed(code, reason)
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  allowMessageBytes(): void {
    // The hub's messages are honest.
  }
}
