/** A hub that says what a test wants it to say: the acceptor's side of the protocol, written from the pages. */
import { randomBytes } from 'node:crypto'
import type { Transport } from '@skerry/core'
import { sha256 } from './entry.ts'
import { written } from './fields.ts'
import { type Item, readFrame } from './frame.ts'
import { proven, readBye, readHello } from './message.ts'
import * as say from './say.ts'
import { makeKey, type StrangerKey } from './stranger.ts'

/** Who it is, over all its sessions. */
export interface HubSelf {
  key: StrangerKey
  token: string
  space: string
  log: string
  run: string
}

export async function makeHub(
  space: string,
  token: (publicKey: Uint8Array) => Promise<string>,
): Promise<HubSelf> {
  const key = makeKey()
  return { key, space, token: await token(key.publicKey), log: say.randomId(), run: say.randomId() }
}

export class ScriptedHub {
  /** What it was told. */
  readonly told: Item[] = []
  readonly author: say.Author
  hello: ReturnType<typeof readHello> | undefined
  ended: string | undefined
  readonly #self: HubSelf
  readonly #line: Pick<Transport, 'send'>
  readonly #nonce = randomBytes(32)
  readonly #how: { read: readonly string[]; refused?: readonly string[] }

  constructor(self: HubSelf, line: Transport, how: { read: readonly string[]; refused?: readonly string[] }) {
    this.#self = self
    this.#line = line
    this.#how = how
    this.author = { seed: self.key.seed, space: self.space, credential: this.#hash }
    line.bind({ message: (message) => this.#hear(message), drained() {}, closed() {} })
    line.send(say.challenge({ ...this.#side, space: self.space }))
  }

  get #hash(): string {
    return sha256(Buffer.from(this.#self.token)).toString('hex')
  }

  get #side() {
    const { key, log } = this.#self
    return { key: key.publicKey, log, nonce: this.#nonce, credential: this.#hash }
  }

  /** More is to come. */
  tell(items: readonly say.Told[], position: number): void {
    this.#line.send(say.frame(items, position, false))
  }

  /** Views of records, as the first of more. */
  show(views: readonly (readonly [record: string, heads: string, view: object])[]): void {
    const list = views.flatMap(([record, heads, view]) => [record, 1, heads, JSON.stringify(view)])
    this.#line.send(say.viewsFrame(written.string(JSON.stringify(list))))
  }

  answer(position: number, head: number, refusals: readonly say.Refusal[] = []): void {
    this.#line.send(say.ack(position, head, refusals))
  }

  #hear(message: Uint8Array): void {
    if (message[0] === 0x02) this.#welcome(readHello(message))
    if (message[0] === 0x10) this.told.push(...readFrame(message).items)
    if (message[0] === 0x1f) this.ended = readBye(message).code
  }

  #welcome(hello: ReturnType<typeof readHello>): void {
    this.hello = hello
    const { key, token, space, run } = this.#self
    const sides = [this.#side, { ...hello, credential: hello.credential.hash }] as const
    const proof = say.signed(key.seed, proven('skerry/welcome/1', space, ...sides))
    this.#line.send(
      say.welcome({ runs: [{ run, first: 1 }], token, ...this.#how, want: { kind: 'log' }, proof }),
    )
  }
}
