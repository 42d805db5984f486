/**
 * What the peer is entitled to be told: what it asked, narrowed by the credential it has shown, until that expires (H8, E3). A newer
 * credential or a newer want is answered with GRANTED, and the telling goes on under it.
 */
import type { Credential } from '../identity/credential.ts'
import { checkToken, expired } from './credential-check.ts'
import { TIMER_MS_MAX } from './limits.ts'
import type { MessageOf } from './messages.ts'
import type { Met } from './met.ts'
import type { Peer, SessionReplica, Want } from './port.ts'
import { grantWant } from './want.ts'

export interface EntitlementPorts {
  replica: SessionReplica
  send(message: MessageOf<'granted'>): void
  /** From now on the peer is told this; `resume`: channels told already go on where they stand. */
  follow(want: Want, resume: boolean): void
  /** What the peer claimed to hold, it may not hold any more. */
  doubtHeld(): void
  run(work: () => Promise<() => void>): void
  /** As `run`, between two deliveries of what the peer tells. */
  between(judged: Promise<() => void>): void
  fail(error: unknown): void
}

export class Entitlement {
  readonly #ports: EntitlementPorts
  #peer: Peer
  #asked: Want
  /** How many times the peer asked after the handshake. */
  #number = 0
  #token: string | undefined
  #judging = false
  /** Asked since a newer credential was shown, and answered when that counts: so many as the peer's budget of requests allows (B4). */
  readonly #waiting: Want[] = []
  #ended = false
  #cancelExpiry: (() => void) | undefined
  #cancelBarred: (() => void) | undefined

  constructor(ports: EntitlementPorts, { peer, peerAsked }: Met) {
    this.#ports = ports
    this.#peer = peer
    this.#asked = peerAsked
  }

  get peer(): Peer {
    return this.#peer
  }

  /** What the peer asked was answered by the newest credential it has shown. */
  get isAnswered(): boolean {
    return !this.#judging
  }

  /** The first answer is in WELCOME; an initiator gives one only where it differs from what was asked. */
  start({ grant }: Met, isAcceptor: boolean): void {
    // As in the handshake (H4), a device does not ask when the authority's own runs out.
    if (isAcceptor || this.#peer.credential.role !== 'authority') this.#armExpiry(this.#peer.credential)
    if (!isAcceptor && !grant.whole) this.#answer(grant.read, grant.refused)
    this.#ports.follow(grant.want, false)
    this.#cancelBarred = this.#ports.replica.onBarred(() => this.#checkAgain())
    // It may have been revoked while the handshake was under way.
    this.#checkAgain()
  }

  end(): void {
    this.#ended = true
    this.#cancelExpiry?.()
    this.#cancelBarred?.()
  }

  /** The peer asks anew, by the rights that it has shown before. */
  asked(want: Want): void {
    if (this.#judging) this.#waiting.push(want)
    else this.#takeWant(want)
  }

  /** The peer shows a newer credential; of several shown at once the last one counts. */
  shown(token: string): void {
    // It gave up what this one does not grant before it showed it, and may ask for it again before this one is judged.
    this.#ports.doubtHeld()
    this.#token = token
    if (!this.#judging) this.#judge(token)
  }

  #judge(token: string): void {
    this.#judging = true
    this.#token = undefined
    this.#ports.between(
      this.#judged(token).then((credential) => () => {
        this.#judging = false
        this.#peer = { ...this.#peer, credential }
        this.#grant(true)
        // It may have been revoked while a delivery was under way.
        this.#checkAgain()
        if (this.#token !== undefined) this.#judge(this.#token)
        else for (const want of this.#waiting.splice(0)) this.#takeWant(want)
      }),
    )
  }

  #takeWant(want: Want): void {
    this.#asked = want
    this.#number += 1
    this.#grant(false)
  }

  /** From then on the former one may expire. @throws CredentialError, ProtocolError bad-proof */
  async #judged(token: string): Promise<Credential> {
    const { replica } = this.#ports
    const credential = await checkToken(replica, token, { key: this.#peer.publicKey, by: 'initiator' })
    await replica.remember(credential)
    if (!this.#ended) this.#armExpiry(credential)
    return credential
  }

  #grant(resume: boolean): void {
    const { replica } = this.#ports
    const { want, read, refused } = grantWant(this.#asked, this.#peer.credential, replica)
    this.#answer(read, refused)
    this.#ports.follow(want, resume)
  }

  #answer(read: readonly string[], refused: readonly string[]): void {
    const { write } = this.#peer.credential
    this.#ports.send({ type: 'granted', wantNumber: this.#number, read, write, refused })
  }

  /** E4 */
  #checkAgain(): void {
    const { replica, run } = this.#ports
    run(async () => {
      await replica.verifier.verify(this.#peer.credential.token, undefined)
      return () => undefined
    })
  }

  /** Waits in pieces, so that a clock that was set meanwhile is noticed. */
  #armExpiry(credential: Credential): void {
    this.#cancelExpiry?.()
    const { host } = this.#ports.replica
    const waitMs = Math.max(0, Math.min(credential.expiresAt - host.now(), TIMER_MS_MAX))
    this.#cancelExpiry = host.timer(waitMs, () => {
      if (credential.expiresAt > host.now()) this.#armExpiry(credential)
      else this.#ports.fail(expired(credential))
    })
  }
}
