/**
 * All that a replica knows of who is here: joins what it says itself, what its sessions bring, and what they are to be told. It is memory only, and begins empty at every open (PR-21).
 */
import { toHex } from '../bytes/hex.ts'
import { decodeUtf8 } from '../bytes/utf8.ts'
import type { Host } from '../host.ts'
import type { Credential, CredentialVerifier } from '../identity/credential.ts'
import { CredentialError } from '../identity/credential.ts'
import type { Json } from '../records/shape.ts'
import { type Author, Authors, mayRead } from './authors.ts'
import { HOPS_MAX } from './limits.ts'
import { type DropReason, Link, type LinkBase } from './link.ts'
import { Listeners } from './listeners.ts'
import { OwnPresences } from './own.ts'
import type { LinkPorts, PresenceLink, PresencePeer, Presences } from './port.ts'
import { type Said, type SaidKind, statementOf, type Travelling } from './said.ts'
import { type Slot, Slots } from './slots.ts'

const INSTANCE_BYTES = 16
const NO_BYTES = new Uint8Array()

export interface PresencesPorts {
  host: Host
  space: string
  node: string
  verifier: CredentialVerifier
  credential(): Credential | undefined
  sign(message: Uint8Array): Promise<Uint8Array>
  nodeOf(publicKey: Uint8Array): string
  /** What the replica keeps anyway, unchecked for expiry. */
  credentialByHash(hash: string): Promise<Credential | undefined>
  /** Something that cannot be told to anybody: a signature that could not be made, a listener that threw. */
  failed(error: unknown): void
}

export class LivePresences implements Presences, LinkBase {
  readonly host: Host
  readonly own: OwnPresences
  readonly dropped = new Map<DropReason, number>()
  readonly #listeners: Listeners
  checks = 0
  readonly #ports: PresencesPorts
  readonly #slots: Slots
  readonly #authors = new Authors()
  readonly #links = new Set<Link>()
  readonly #instance: string
  #counter = 0
  #isClosed = false

  constructor(ports: PresencesPorts) {
    this.host = ports.host
    this.#ports = ports
    this.#instance = toHex(ports.host.random(INSTANCE_BYTES))
    this.#listeners = new Listeners((error) => ports.failed(error))
    this.#slots = new Slots({
      host: ports.host,
      changed: (channel) => this.#listeners.changed(channel),
      forgotten: (slot) => {
        for (const link of this.#links) link.forget(slot)
      },
    })
    this.own = new OwnPresences({
      timer: (delayMs, run) => ports.host.timer(delayMs, run),
      speak: (kind, channel, value) => this.#speak(kind, channel, value),
      failed: (error) => ports.failed(error),
    })
  }

  // --- what the app sees ---

  /** PR-7: one for each other node. */
  others(channel: string): readonly Slot[] {
    const byNode = new Map(this.#slots.here(channel).map((slot) => [slot.node, slot]))
    byNode.delete(this.#ports.node)
    return [...byNode.values()]
  }

  ageMs(slot: Slot): number {
    return this.#slots.ageMs(slot)
  }

  subscribe(channel: string, listener: () => void): () => void {
    return this.#listeners.subscribe(channel, listener)
  }

  get credential(): Credential | undefined {
    return this.#ports.credential()
  }

  /** Slots that are remembered, and those that are here. */
  get size(): { slots: number; here: number; links: number } {
    const here = [...this.#slots.all()].filter(({ isHere }) => isHere).length
    return { slots: this.#slots.size, here, links: this.#links.size }
  }

  /** The replica shows another credential (PR-2, PR-14). */
  credentialChanged(): void {
    for (const slot of [...this.#slots.all()]) if (!this.mayRead(slot.channel)) this.#slots.forget(slot)
    this.own.sayAgain()
  }

  /** PR-3 */
  async close(): Promise<void> {
    await this.own.leaveAll()
    for (const link of this.#links) {
      link.flush()
      link.close()
    }
    this.#isClosed = true
    this.#links.clear()
    this.#slots.clear()
    this.#listeners.clear()
  }

  async #speak(kind: SaidKind, channel: string, value: Uint8Array): Promise<boolean> {
    const credential = this.#ports.credential()
    if (credential === undefined || !mayRead(credential, channel)) return false
    const counter = ++this.#counter
    const unsigned = { kind, channel, credential: credential.hash, instance: this.#instance, counter, value }
    const said = {
      ...unsigned,
      signature: await this.#ports.sign(statementOf(this.#ports.space, unsigned)),
      // As one that crossed a session less.
      hops: HOPS_MAX,
      ageMs: 0,
    }
    const slot = this.accept(said, { credential, node: this.#ports.node })
    if (typeof slot === 'string') this.count(slot)
    else this.spread(slot)
    return true
  }

  // --- what sessions need ---

  join(ports: LinkPorts): PresenceLink {
    const link = new Link(this, ports)
    if (this.#isClosed) link.close()
    else this.#links.add(link)
    return link
  }

  get isAuthority(): boolean {
    return this.#ports.credential()?.role === 'authority'
  }

  mayRead(channel: string): boolean {
    const credential = this.#ports.credential()
    return credential !== undefined && mayRead(credential, channel)
  }

  isOwn({ instance }: Said): boolean {
    return instance === this.#instance
  }

  author(hash: string): Author | undefined {
    return this.#authors.get(hash)
  }

  slot(node: string, said: Said): Slot | undefined {
    return this.#slots.get(node, said)
  }

  *slotsHere(): Iterable<Slot> {
    for (const slot of this.#slots.all()) if (slot.isHere) yield slot
  }

  accept(said: Travelling, author: Author): Slot | DropReason {
    if (!mayRead(author.credential, said.channel)) return 'not-granted'
    const value = said.kind === 'here' ? jsonOf(said.value) : undefined
    if (said.kind === 'here' && value === undefined) return 'bad-value'
    const { hops, ageMs, ...stated } = said
    this.#authors.keep(author)
    return this.#slots.take({ author, said: stated, hops, ageMs, value, isOwn: this.isOwn(said) })
  }

  spread(slot: Slot): void {
    for (const link of this.#links) link.mark([slot])
  }

  narrow({ node, credential }: PresencePeer): void {
    this.#withdraw(node, (channel) => !mayRead(credential, channel))
  }

  withdraw(node: string): void {
    this.#withdraw(node, () => true)
  }

  async find(hash: string): Promise<Author | undefined> {
    const known = await this.#ports.credentialByHash(hash)
    return known && this.learn(known.token)
  }

  async learn(token: string): Promise<Author> {
    const credential = await this.#ports.verifier.verify(token, undefined)
    return { credential, node: this.#ports.nodeOf(credential.publicKey) }
  }

  async check(said: Said, author: Author): Promise<DropReason | undefined> {
    const { verifier, host, space } = this.#ports
    try {
      await verifier.verify(author.credential.token, host.now())
    } catch (error) {
      if (!(error instanceof CredentialError)) throw error
      this.withdraw(author.node)
      return 'bad-credential'
    }
    const isSigned = await host.verify(author.credential.publicKey, statementOf(space, said), said.signature)
    return isSigned ? undefined : 'bad-signature'
  }

  count(reason: DropReason): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1)
  }

  failed(error: unknown): void {
    this.#ports.failed(error)
  }

  left(link: Link): void {
    this.#links.delete(link)
  }

  /** PR-13 */
  #withdraw(node: string, isOver: (channel: string) => boolean): void {
    for (const slot of this.#slots.ofNode(node)) {
      if (!slot.isHere || this.isOwn(slot.said) || !isOver(slot.channel)) continue
      if (!this.isAuthority) {
        this.#slots.go(slot)
        continue
      }
      const said: Said = { ...slot.said, kind: 'withdrawn', value: NO_BYTES, signature: NO_BYTES }
      this.#slots.take({
        author: slot.author,
        said,
        hops: HOPS_MAX,
        ageMs: 0,
        value: undefined,
        isOwn: false,
      })
      this.spread(slot)
    }
  }
}

/** Undefined: it is none. */
function jsonOf(bytes: Uint8Array): Json | undefined {
  const text = decodeUtf8(bytes)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
