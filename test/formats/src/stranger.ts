/**
 * A device that shares no line with the project: it was written from the SPEC pages. It keeps nothing over a restart, asks its channels from their beginning, and knows records whose fields are
 * plain values at the root. It is here to show that the pages are enough for that.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { fieldsSet, type Value } from './change.ts'
import { isSignature, isSigned, readChanges, readEntry } from './entry.ts'
import { readFrame } from './frame.ts'
import {
  type Challenge,
  proven,
  readAck,
  readBye,
  readChallenge,
  readCredit,
  readGranted,
  readWelcome,
} from './message.ts'
import { type Author, ack, editEntry, frame, hello, type Refusal, randomId, signed } from './say.ts'
import { type ReadToken, readToken } from './token.ts'

export interface StrangerKey {
  seed: Uint8Array
  publicKey: Uint8Array
}

export function makeKey(): StrangerKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32)
  return { seed, publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32) }
}

export interface StrangerOptions {
  key: StrangerKey
  space: string
  /** Its credential. */
  token: string
  authority: Uint8Array
  /** Names its credential, and shows it when it is asked to (H5). */
  namesOnly?: boolean
}

/** What binds it to a socket. */
export interface Line {
  send(message: Uint8Array): void
}

/** What it was told of a record: the newest value of each field, and who wrote it. */
export interface Heard {
  value: Record<string, Value>
  author: string
}

export class Stranger {
  /** Of each message that it heard, the type. */
  readonly heard: number[] = []
  readonly records = new Map<string, Heard>()
  readonly entered = new Map<string, Set<string>>()
  /** Own sequence up to which the other side has acknowledged. */
  acknowledged = 0
  refusals: Refusal[] = []
  isOpen = false
  isCurrent = false
  /** Why the other side ended. */
  ended: string | undefined
  readonly #options: StrangerOptions
  readonly #own: ReadToken
  readonly #line: Line
  readonly #log = randomId()
  readonly #run = randomId()
  readonly #known = new Map<string, ReadToken>()
  #challenge: Challenge | undefined
  #nonce = randomBytes(32)
  /** Sequence of the newest own entry. */
  #head = 0
  #credit = 0
  #position = 0

  constructor(options: StrangerOptions, line: Line) {
    this.#options = options
    this.#line = line
    this.#own = readToken(options.token, options.authority)
    this.#known.set(this.#own.hash, this.#own)
  }

  /** Whatever comes over the line. */
  hear(message: Uint8Array): void {
    const type = message[0]!
    this.heard.push(type)
    if (type === 0x01) this.#introduce(readChallenge(message))
    else if (type === 0x04) this.#sendHello(this.#options.token)
    else if (type === 0x03) this.#open(message)
    else if (type === 0x10) this.#take(message)
    else if (type === 0x11) this.#acknowledge(message)
    else if (type === 0x12) this.#credit += readCredit(message).bytes
    else if (type === 0x15) readGranted(message)
    else if (type === 0x1f) this.ended = readBye(message).code
    // Presences may be left unanswered.
    else if (type < 0x30) throw new Error(`type ${type} is nothing that this device has a use for`)
  }

  /** Makes a record, by a signed edit that is sent at once. */
  create(record: string, set: Readonly<Record<string, string>>): void {
    const actor = Buffer.concat([Uint8Array.of(0), randomBytes(16)])
    this.tell(editEntry(this.author, { record, actor, set }).bytes)
  }

  /** Who signs what it tells. */
  get author(): Author {
    return { seed: this.#options.key.seed, space: this.#options.space, credential: this.#own.hash }
  }

  /** An entry, as the newest of its log. Returns where it stands. */
  tell(entry: Uint8Array): number {
    if (this.#credit <= 0) throw new Error('no credit is left')
    this.#head += 1
    this.#send(frame([{ kind: 'entry', seq: this.#head, bytes: entry }], this.#head))
    return this.#head
  }

  /** Whatever it is. */
  say(message: Uint8Array): void {
    this.#send(message)
  }

  #send(message: Uint8Array): void {
    if (message[0] === 0x10) this.#credit -= message.length + 128
    this.#line.send(message)
  }

  #introduce(challenge: Challenge): void {
    const [min, max] = challenge.versions
    if (min > 1 || max < 1) throw new Error('version-unsupported')
    if (challenge.space !== this.#options.space) throw new Error('wrong-space')
    this.#challenge = challenge
    this.#sendHello(this.#options.namesOnly ? '' : this.#options.token)
  }

  #sendHello(token: string): void {
    this.#send(
      hello({
        ...this.#self(),
        runs: [{ run: this.#run, first: 1 }],
        credential: { hash: this.#own.hash, token },
        want: { kind: 'channels', channels: [...this.#own.read, '@space'] },
        proof: signed(this.#options.key.seed, this.#proof('skerry/hello/1')),
      }),
    )
  }

  #self() {
    return { key: this.#options.key.publicKey, log: this.#log, nonce: this.#nonce }
  }

  #proof(purpose: string): Uint8Array {
    const self = { ...this.#self(), credential: this.#own.hash }
    return proven(purpose, this.#options.space, this.#challenge!, self)
  }

  #open(message: Uint8Array): void {
    const { token, proof, credit } = readWelcome(message)
    const { key, credential, space } = this.#challenge!
    const peer = readToken(token, this.#options.authority)
    if (peer.hash !== credential || peer.space !== space) throw new Error('malformed')
    if (!peer.key.equals(key) || !isSignature(key, this.#proof('skerry/welcome/1'), proof))
      throw new Error('bad-proof')
    this.#known.set(peer.hash, peer)
    this.#credit = credit
    this.isOpen = true
    this.#send(frame([], this.#head))
  }

  #take(message: Uint8Array): void {
    const { items, position, isCurrent } = readFrame(message)
    for (const item of items) {
      if (item.kind === 'credential') {
        const shown = readToken(item.token, this.#options.authority)
        this.#known.set(shown.hash, shown)
      } else if (item.kind === 'entry') this.#learn(item.bytes)
      else if (item.kind === 'enter' || item.kind === 'leave') {
        const held = this.entered.get(item.record) ?? new Set()
        if (item.kind === 'enter') held.add(item.channel)
        else held.delete(item.channel)
        this.entered.set(item.record, held)
      }
    }
    this.isCurrent = isCurrent
    if (position === undefined || (items.length === 0 && position.seq === this.#position)) return
    this.#position = position.seq
    this.#send(ack(position.seq, this.#head))
  }

  /** A change sets fields; whoever signed it is its author. */
  #learn(bytes: Uint8Array): void {
    const entry = readEntry(bytes)
    const cited = Buffer.from(entry.signed?.credential ?? []).toString('hex')
    const author = this.#known.get(cited)
    if (author === undefined) throw new Error('credential-unknown')
    if (!isSigned(entry, this.#options.space, author.key)) throw new Error('bad-signature')
    if (entry.kind !== 1) return
    const value = this.records.get(entry.record)?.value ?? {}
    for (const change of readChanges(entry.body)) Object.assign(value, fieldsSet(change))
    this.records.set(entry.record, { value, author: author.subject })
  }

  #acknowledge(message: Uint8Array): void {
    const { position, refusals } = readAck(message)
    this.acknowledged = position
    this.refusals.push(...refusals)
  }
}
