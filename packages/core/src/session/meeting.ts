/**
 * Runs the handshake's table over a wire: every message of a session passes here, and what an open session says is handed on. The work that
 * waits (signing, verifying, asking the store) is started here and comes back as an event.
 */
import { type Accepted, judgeHello, makeChallenge } from './acceptor.ts'
import {
  type Action,
  firstState,
  type HandshakeEvent,
  type HandshakeState,
  type Role,
  step,
} from './handshake.ts'
import { composeHello, type Introduced, judgeWelcome } from './initiator.ts'
import { FRAME_COST_BYTES, HANDSHAKE_MS_MAX, INITIAL_CREDIT_BYTES, MESSAGE_BYTES_MAX } from './limits.ts'
import { decodeMessage, type MessageName, type MessageOf } from './messages.ts'
import type { Met } from './met.ts'
import { ProtocolError, type SessionReplica } from './port.ts'
import type { VersionRange } from './versions.ts'
import type { Wire } from './wire.ts'

export interface MeetingPorts {
  versions: VersionRange | undefined
  role: Role
  replica: SessionReplica
  wire: Wire
  /** Starts work that waits; what it gives back is done afterwards, unless the session ended. */
  run(work: () => Promise<() => void>): void
  opened(met: Met): void
  /** A message of an open session. */
  message(name: MessageName, message: Uint8Array): void
  ended(bye: MessageOf<'bye'>): void
}

export class Meeting {
  readonly #ports: MeetingPorts
  readonly #held: { name: MessageName; message: Uint8Array }[] = []
  #heldBytes = 0
  #state: HandshakeState
  #challenge: MessageOf<'challenge'> | undefined
  #introduced: Introduced | undefined
  #accepted: Accepted | undefined
  #met: Met | undefined

  constructor(ports: MeetingPorts) {
    this.#ports = ports
    this.#state = firstState(ports.role)
  }

  get state(): HandshakeState {
    return this.#state
  }

  /** @throws Error when an acceptor has no credential */
  start(): void {
    const { role, replica, wire, versions } = this.#ports
    if (role === 'initiator') return
    this.#challenge = makeChallenge(replica, versions)
    wire.send(this.#challenge)
  }

  end(): void {
    this.#state = 'closed'
    this.#held.length = 0
  }

  /** @throws ProtocolError */
  receive(name: MessageName, message: Uint8Array): void {
    this.#step(name, message)
  }

  /** @throws ProtocolError handshake-timeout when the session is not open */
  timeout(): void {
    this.#step('timeout')
  }

  #step(event: HandshakeEvent, message: Uint8Array = new Uint8Array()): void {
    const { state, action } = step(this.#ports.role, this.#state, event)
    const before = this.#state
    this.#state = state
    this.#act(action, event, message, before)
  }

  #act(action: Action, event: HandshakeEvent, message: Uint8Array, before: HandshakeState): void {
    const { role, wire, ports } = { ...this.#ports, ports: this.#ports }
    switch (action) {
      case 'compose-hello':
        this.#composeHello(this.#decode('challenge', message))
        break
      case 'judge-hello':
        this.#judgeHello(this.#decode('hello', message))
        break
      case 'judge-welcome':
        this.#judgeWelcome(message)
        break
      case 'send-hello':
        this.#sendHello(this.#introduced!.shown)
        break
      case 'send-hello-with-token':
        this.#sendHello(true)
        break
      case 'send-show':
        wire.send({ type: 'show' })
        break
      case 'open':
        this.#open()
        break
      case 'hold':
        this.#hold(event as MessageName, message)
        break
      case 'handle':
        ports.message(event as MessageName, message)
        break
      case 'end':
        ports.ended(this.#decode('bye', message))
        break
      case 'refuse-unexpected':
        throw new ProtocolError(
          'unexpected-message',
          `${event} is not expected by the ${role} in state ${before}`,
        )
      case 'refuse-missing-credential':
        throw new ProtocolError(
          'credential-missing',
          'HELLO came again without the credential that SHOW asked for',
        )
      case 'refuse-timeout':
        throw new ProtocolError(
          'handshake-timeout',
          `no session after ${HANDSHAKE_MS_MAX} ms, in state ${before}`,
        )
      case 'ignore':
        break
    }
  }

  #decode<N extends Exclude<MessageName, 'frame'>>(name: N, message: Uint8Array): MessageOf<N> {
    return decodeMessage(name, message, this.#ports.replica.log)
  }

  #composeHello(challenge: MessageOf<'challenge'>): void {
    this.#ports.run(async () => {
      const introduced = await composeHello(this.#ports.replica, challenge, this.#ports.versions)
      this.#introduced = introduced
      return () => this.#step(introduced.shown ? 'hello-shown' : 'hello-named')
    })
  }

  #sendHello(shown: boolean): void {
    const { hello, token } = this.#introduced!
    const credential = { hash: hello.credential.hash, token: shown ? token : '' }
    this.#ports.wire.send({ ...hello, credential })
  }

  #judgeHello(hello: MessageOf<'hello'>): void {
    this.#ports.run(async () => {
      this.#accepted = await judgeHello(this.#ports.replica, this.#challenge!, hello)
      return () => this.#step(this.#accepted ? 'accepted' : 'unknown-credential')
    })
  }

  #judgeWelcome(message: Uint8Array): void {
    // The acceptor is open and may send large frames at once.
    this.#ports.wire.open()
    const welcome = this.#decode('welcome', message)
    this.#ports.run(async () => {
      this.#met = await judgeWelcome(this.#ports.replica, this.#introduced!, welcome)
      return () => this.#step('accepted')
    })
  }

  #open(): void {
    const { wire, opened } = this.#ports
    if (this.#accepted) {
      wire.open()
      wire.send(this.#accepted.welcome)
    }
    opened(this.#accepted?.met ?? this.#met!)
    for (const { name, message } of this.#held.splice(0)) this.#step(name, message)
  }

  /** What an acceptor sends before this side has judged its WELCOME. */
  #hold(name: MessageName, message: Uint8Array): void {
    this.#heldBytes += message.length + FRAME_COST_BYTES
    if (this.#heldBytes > INITIAL_CREDIT_BYTES + MESSAGE_BYTES_MAX) {
      throw new ProtocolError('credit-exceeded', `${this.#heldBytes} bytes came before WELCOME was judged`)
    }
    this.#held.push({ name, message })
  }
}
