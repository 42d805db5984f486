/**
 * One session's part of presence: what arrives is sorted, cheapest question first (PR-10, PR-5, PR-11), and what others said goes to the peer as far as it may hear it. A message that cannot be
 * taken is dropped and counted; the next beat says it again.
 */
import type { Host } from '../host.ts'
import { CredentialError } from '../identity/credential.ts'
import { Allowance } from './allowance.ts'
import { type Author, mayRead } from './authors.ts'
import * as limit from './limits.ts'
import { Outbox } from './outbox.ts'
import { Parked } from './parked.ts'
import type { LinkPorts, PresenceLink, PresenceMessage, PresencePeer } from './port.ts'
import { rankOf, type Said, type Travelling } from './said.ts'
import type { Slot } from './slots.ts'

/** Why a message was dropped (PR-23). */
export type DropReason =
  | 'too-many'
  | 'not-granted'
  | 'not-authority'
  | 'duplicate'
  | 'unknown-author'
  | 'bad-signature'
  | 'bad-value'
  | 'bad-credential'
  | 'too-old'
  | 'full'
  | 'busy'

/** What a link needs of the presences of its replica. */
export interface LinkBase {
  readonly host: Host
  /** This replica is the authority: what it withdraws is believed. */
  readonly isAuthority: boolean
  /** Whether this replica may read the channel. */
  mayRead(channel: string): boolean
  isOwn(said: Said): boolean
  author(hash: string): Author | undefined
  slot(node: string, said: Said): Slot | undefined
  slotsHere(): Iterable<Slot>
  ageMs(slot: Slot): number
  /** Takes what its author may say; it is not told to anybody yet. */
  accept(said: Travelling, author: Author): Slot | DropReason
  /** Tells all links. */
  spread(slot: Slot): void
  /** The peer's credential grants what it grants now, and no more. */
  narrow(peer: PresencePeer): void
  /** Nothing of this node may be heard any more. */
  withdraw(node: string): void
  /** An author by what the replica knows; undefined: it is to be asked for. */
  find(hash: string): Promise<Author | undefined>
  /** @throws CredentialError */
  learn(token: string): Promise<Author>
  /** Whether the author said it, and may say it at present. */
  check(said: Said, author: Author): Promise<DropReason | undefined>
  /** Checks under way, of all links. */
  checks: number
  count(reason: DropReason): void
  failed(error: unknown): void
  left(link: Link): void
}

export class Link implements PresenceLink {
  readonly #base: LinkBase
  readonly #ports: LinkPorts
  readonly #outbox: Outbox
  readonly #allowance: Allowance
  readonly #parked: Parked
  #told: ReadonlySet<string> | 'all' = new Set()
  #isHushed = false
  #ended = false

  constructor(base: LinkBase, ports: LinkPorts) {
    this.#base = base
    this.#ports = ports
    this.#allowance = new Allowance(() => base.host.now())
    this.#parked = new Parked(() => base.host.now())
    this.#outbox = new Outbox({
      timer: (delayMs, run) => base.host.timer(delayMs, run),
      send: (message) => ports.send(message),
      isHeld: () => ports.bufferedBytes() > limit.BUFFER_LOW_BYTES || ports.isDataHeld(),
      messageOf: (slot) => this.#messageOf(slot),
    })
  }

  tells(channels: ReadonlySet<string> | 'all'): void {
    this.#told = channels
    this.#base.narrow(this.#ports.peer())
    this.mark(this.#base.slotsHere())
  }

  admits(bytes: number): boolean {
    const isAdmitted = !this.#ended && this.#allowance.admits(bytes)
    if (!isAdmitted) this.#drop('too-many')
    return isAdmitted
  }

  take(message: PresenceMessage): void {
    if (this.#ended) return
    switch (message.type) {
      case 'presence':
        this.#hear(message)
        break
      case 'who':
        this.#answer(message.credential)
        break
      case 'author':
        this.#work(() => this.#learn(message.token))
        break
      case 'hush':
        this.#isHushed = true
        break
    }
  }

  end(banned: boolean): void {
    if (this.#ended) return
    this.close()
    this.#base.left(this)
    if (banned) this.#base.withdraw(this.#ports.peer().node)
  }

  /** The peer has not heard these. */
  mark(slots: Iterable<Slot>): void {
    if (this.#isHushed || this.#ended) return
    const told: Slot[] = []
    for (const slot of slots) if (this.#mayTell(slot)) told.push(slot)
    if (told.length > 0) this.#outbox.mark(told)
  }

  forget(slot: Slot): void {
    this.#outbox.forget(slot)
  }

  flush(): void {
    this.#outbox.flush()
  }

  close(): void {
    this.#ended = true
    this.#outbox.end()
    this.#parked.clear()
  }

  #mayTell({ channel }: Slot): boolean {
    return (this.#told === 'all' || this.#told.has(channel)) && this.#base.mayRead(channel)
  }

  #messageOf(slot: Slot): PresenceMessage | undefined {
    const ageMs = this.#base.ageMs(slot)
    const isOver = slot.said.kind === 'here' && (!slot.isHere || ageMs >= limit.EXPIRY_MS)
    const isHearsay = slot.said.kind === 'withdrawn' && !this.#base.isAuthority
    if (isOver || isHearsay || slot.hops === 0 || !this.#mayTell(slot)) return undefined
    return { type: 'presence', ...slot.said, hops: slot.hops - 1, ageMs }
  }

  #hear(said: Travelling): void {
    const { credential: held, node } = this.#ports.peer()
    const mayHear = this.#base.mayRead(said.channel) && mayRead(held, said.channel)
    if (!mayHear) this.#drop('not-granted')
    else if (this.#base.isOwn(said)) this.#drop('duplicate')
    else if (said.kind === 'withdrawn' && held.role !== 'authority') this.#drop('not-authority')
    else if (said.credential === held.hash) this.#judge(said, { credential: held, node })
    else {
      const author = this.#base.author(said.credential)
      if (author) this.#judge(said, author)
      else if (said.kind === 'withdrawn') this.#drop('unknown-author')
      else this.#work(() => this.#find(said))
    }
  }

  #judge(said: Travelling, author: Author): void {
    const { node, credential } = this.#ports.peer()
    const slot = this.#base.slot(author.node, said)
    if (slot) this.#outbox.peerHas(slot, rankOf(said))
    if (slot && rankOf(slot.said) >= rankOf(said)) this.#drop('duplicate')
    else if (said.kind === 'here' && said.ageMs >= limit.EXPIRY_MS) this.#drop('too-old')
    else if (author.node === node || credential.role === 'authority') this.#accept(said, author)
    else
      this.#work(async () => {
        const refused = await this.#base.check(said, author)
        if (this.#ended) return
        if (refused) this.#drop(refused)
        else this.#accept(said, author)
      })
  }

  #accept(said: Travelling, author: Author): void {
    const slot = this.#base.accept(said, author)
    if (typeof slot === 'string') {
      this.#drop(slot)
      return
    }
    this.#outbox.peerHas(slot, rankOf(said))
    this.#base.spread(slot)
  }

  /** Before anybody is asked, the replica is: its store has the credentials of all who wrote. */
  async #find(said: Travelling): Promise<void> {
    const found = await this.#base.find(said.credential)
    if (this.#ended) return
    // Or its answer came meanwhile.
    const author = found ?? this.#base.author(said.credential)
    if (author) this.#judge(said, author)
    else this.#park(said)
  }

  #park(said: Travelling): void {
    const { credential } = said
    const next = this.#parked.park(said)
    if (next === 'full') this.#drop('unknown-author')
    else if (next === 'ask') this.#outbox.say(`who ${credential}`, { type: 'who', credential })
  }

  /** Only who was asked for: nobody fills the memory with what nobody asked. */
  async #learn(token: string): Promise<void> {
    if (this.#parked.isEmpty) return
    const author = await this.#base.learn(token)
    if (this.#ended) return
    for (const said of this.#parked.take(author.credential.hash)) this.#judge(said, author)
  }

  #answer(hash: string): void {
    const author = this.#base.author(hash)
    if (author) this.#outbox.say(`author ${hash}`, { type: 'author', token: author.credential.token })
  }

  /** What waits, and so is bounded. */
  #work(work: () => Promise<void>): void {
    if (this.#base.checks >= limit.CHECKS_MAX) {
      this.#drop('busy')
      return
    }
    this.#base.checks += 1
    work()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#base.checks -= 1
      })
  }

  #failed(error: unknown): void {
    if (error instanceof CredentialError) this.#drop('bad-credential')
    else this.#base.failed(error)
  }

  #drop(reason: DropReason): void {
    this.#base.count(reason)
    this.#ports.dropped()
  }
}
