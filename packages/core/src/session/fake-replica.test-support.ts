/**
 * A replica small enough to see through: entries are lines of text, `record|channels|credential cited|text`, kept in the memory store.
 * What a session asks of a replica is real (log, marks, cursors, order of durability); what a record means is left out.
 */
import { toHex } from '../bytes/hex.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import type { Host } from '../host.ts'
import {
  type Credential,
  CredentialError,
  type CredentialEvidence,
  type CredentialVerifier,
} from '../identity/credential.ts'
import { heardRun } from '../log/heard-run.ts'
import { memoryStore } from '../store/memory.ts'
import {
  emptyBatch,
  type LoggedEntry,
  type Mark,
  type NewEntry,
  type Origin,
  type PageLimit,
  type RunRow,
  type Seq,
  type Store,
} from '../store/port.ts'
import { SoundLog } from '../store/sound-log.ts'
import type { VirtualWorld } from '../testing/virtual-host.ts'
import { nodeOf } from './credential-check.ts'
import { NO_RUN, ownerOf } from './cursor.ts'
import { FakeDigests } from './fake-digests.test-support.ts'
import type {
  Cursor,
  Delivery,
  Peer,
  PeerAddress,
  Refusal,
  SessionReplica,
  ToldView,
  ToldViews,
  ViewPage,
  Want,
} from './port.ts'
import type { Spend } from './spend.ts'

export interface FakeLine {
  record: string
  channels: string[]
  cited: string
  text: string
}

/** Issues and checks tokens: JSON behind a seal that only this authority can make. */
export class FakeAuthority implements CredentialVerifier {
  readonly revoked = new Set<string>()
  readonly #host: Host

  constructor(host: Host) {
    this.#host = host
  }

  issue(subject: string, publicKey: Uint8Array, rights: Partial<Credential> = {}): Credential {
    const claims = {
      space: 'north',
      role: 'device' as const,
      read: [] as string[],
      write: ['*'],
      systems: [] as string[],
      expiresAt: this.#host.now() + 86_400_000,
      ...rights,
      subject,
      publicKey: toHex(publicKey),
    }
    return this.#parse(`sealed ${JSON.stringify(claims)}`)
  }

  async verify(token: string, at: number | undefined): Promise<Credential> {
    const credential = this.#parse(token)
    if (this.revoked.has(credential.subject))
      throw new CredentialError('credential-revoked', `${credential.subject} was revoked`, {
        revoked: credential,
      })
    if (at !== undefined && credential.expiresAt <= at)
      throw new CredentialError('credential-expired', 'expired')
    return credential
  }

  #parse(token: string): Credential {
    if (!token.startsWith('sealed '))
      throw new CredentialError('credential-bad-signature', 'not sealed by this authority')
    const claims = JSON.parse(token.slice('sealed '.length)) as Omit<
      Credential,
      'hash' | 'token' | 'publicKey'
    > & { publicKey: string }
    const publicKey = Uint8Array.from(claims.publicKey.match(/../g) ?? [], (pair) =>
      Number.parseInt(pair, 16),
    )
    return { ...claims, publicKey, token, hash: toHex(this.#host.sha256(encodeUtf8(token))) }
  }
}

export interface FakeOptions {
  /** What to ask: the whole log, or these channels. Read anew at each want. */
  wants: () => 'log' | readonly string[] | undefined
  rights?: Partial<Credential>
  /** The code with which a line is refused at the door; `elsewhere` keeps it. */
  refuse?: (line: FakeLine) => string | undefined
  store?: Store
  /** Asks for views before the stream. */
  views?: boolean
}

export class FakeReplica implements SessionReplica {
  readonly host: Host
  readonly space = 'north'
  readonly verifier: FakeAuthority
  readonly publicKey: Uint8Array
  readonly node: string
  log = ''
  runs: RunRow[] = []
  head: Seq = 0
  credential: Credential | undefined
  readonly deliveries: Delivery[] = []
  readonly acknowledgements: { peer: Peer; seq: Seq; refusals: readonly Refusal[]; at: Seq | undefined }[] =
    []
  readonly remembered: Credential[] = []
  readonly revocationsHeard: CredentialEvidence[] = []
  readonly #barred = new Set<() => void>()
  /** Up to where the peer's answers are durable here. */
  answeredUpTo = Number.POSITIVE_INFINITY
  readonly cursors = new Map<string, Cursor>()
  readonly digests: FakeDigests
  /** Called before a delivery is judged; may wait, may throw. */
  beforeDeliver: () => void | Promise<void> = () => undefined
  readonly #secret: Uint8Array
  readonly #store: Store
  readonly #log: SoundLog
  readonly #options: FakeOptions
  readonly #credentials = new Map<string, Credential>()
  readonly #known = new Set<string>()
  readonly #channels = new Map<string, string[]>()
  readonly #listeners = new Set<(head: Seq, channels?: ReadonlySet<string>) => void>()

  private constructor(
    host: Host,
    verifier: FakeAuthority,
    key: { secret: Uint8Array; publicKey: Uint8Array },
    options: FakeOptions,
  ) {
    this.host = host
    this.verifier = verifier
    this.publicKey = key.publicKey
    this.#secret = key.secret
    this.node = nodeOf(host, key.publicKey)
    this.#store = options.store ?? memoryStore()
    this.#log = new SoundLog({
      store: this.#store,
      found: async () => undefined,
      isWithheld: () => false,
    })
    this.#options = options
    this.digests = new FakeDigests(host, {
      head: () => this.head,
      entries: () => this.#log.readLog(0, { entries: 1_000_000, bytes: Number.MAX_SAFE_INTEGER }),
      channelsOf: (record) => this.#channels.get(record) ?? [],
      marksOf: (record) => this.#store.readMarks(record),
    })
  }

  static async open(
    world: VirtualWorld,
    verifier: FakeAuthority,
    subject: string,
    options: FakeOptions,
  ): Promise<FakeReplica> {
    const host = world.host()
    const replica = new FakeReplica(host, verifier, await host.createKey(), options)
    replica.credential = verifier.issue(subject, replica.publicKey, options.rights)
    await replica.restart(toHex(host.random(16)))
    return replica
  }

  /** Opens the store under a new run. */
  async restart(run: string): Promise<void> {
    Object.assign(this, await this.#store.open(run))
  }

  sign(message: Uint8Array): Promise<Uint8Array> {
    return this.host.sign(this.#secret, message)
  }

  async want(peer: PeerAddress): Promise<Want> {
    const wants = this.#options.wants()
    if (wants === undefined) return { kind: 'nothing' }
    if (wants === 'log') return { kind: 'log', cursor: this.cursors.get(`${peer.log}/*`) }
    return {
      kind: 'channels',
      cursors: new Map(wants.map((channel) => [channel, this.cursors.get(`${peer.log}/${channel}`)])),
      ...(this.#options.views && { views: true }),
    }
  }

  readLog(after: Seq, limit: PageLimit) {
    return this.#log.readLog(after, limit)
  }

  readChannels(after: ReadonlyMap<string, Seq>, limit: PageLimit) {
    return this.#log.tellChannels(after, limit)
  }

  /** Set by tests: what a peer may have that cannot be read here. */
  mayHave: (peer: Peer) => boolean = () => false
  readonly #damaged = new Set<() => void>()

  async mayHaveDamaged(peer: Peer): Promise<boolean> {
    return this.mayHave(peer)
  }

  onDamage(listener: () => void): () => void {
    this.#damaged.add(listener)
    return () => this.#damaged.delete(listener)
  }

  damage(): void {
    for (const listener of [...this.#damaged]) listener()
  }

  viewsMin = 1
  /** What is told of a channel: the names of records, in pages of two. */
  viewsIn: (channel: string) => readonly ToldView[] = () => []
  readonly viewReads: { channel: string; told: readonly string[] }[] = []
  /** Each delivery of views. */
  readonly viewsTaken: ToldViews[] = []

  async readViews(channel: string, after: Seq, told: ReadonlySet<string>): Promise<ViewPage> {
    this.viewReads.push({ channel, told: [...told] })
    const all = this.viewsIn(channel)
    const views = all.slice(after, after + 2).filter(({ record }) => !record.endsWith('large'))
    const isLast = after + 2 >= all.length
    const leftOut = all.slice(after, after + 2).length > views.length
    return { views, leftOut, next: isLast ? undefined : after + 2 }
  }

  async takeViews(told: ToldViews): Promise<void> {
    await this.beforeDeliver()
    this.viewsTaken.push(told)
  }

  async credentialByHash(hash: string): Promise<Credential | undefined> {
    return this.#credentials.get(hash)
  }

  credentialsCited(entry: Uint8Array): readonly string[] {
    const { cited } = parse(entry)
    return cited ? [cited] : []
  }

  /** What it costs to let a delivery in. */
  operations: (delivery: Delivery) => number = () => 0

  async deliver(delivery: Delivery, spend?: Spend): Promise<Refusal[]> {
    await this.beforeDeliver()
    const operations = this.operations(delivery)
    if (operations > 0 && spend && !(await spend(operations))) return []
    const refusals: Refusal[] = []
    const kept: { bytes: Uint8Array; origin: Origin }[] = []
    for (const item of delivery.items) {
      if (item.kind === 'credential') this.know(item.credential)
      if (item.kind !== 'entry') continue
      const code = this.#options.refuse?.(parse(item.bytes))
      const { node, runs } = delivery.peer
      const origin = { run: heardRun(this.host, node, ownerOf(runs, item.seq) ?? NO_RUN), seq: item.seq }
      const { record, text } = parse(item.bytes)
      if (code === undefined || code === 'elsewhere') kept.push({ bytes: item.bytes, origin })
      if (code !== undefined) {
        const refusal = { seq: item.seq, code, reason: `${code}: ${text}` }
        refusals.push(code === 'elsewhere' ? { ...refusal, record } : refusal)
      }
    }
    await this.#append(kept)
    this.#moveCursors(delivery)
    this.deliveries.push(delivery)
    return refusals
  }

  forgotten: Seq = 0

  answered(): Seq {
    return this.answeredUpTo
  }

  readonly meetings: { peer: Peer; refused: readonly string[] }[] = []

  async met(peer: Peer, refused: readonly string[]): Promise<void> {
    this.meetings.push({ peer, refused })
  }

  async acknowledged(peer: Peer, seq: Seq, refusals: readonly Refusal[], at?: Seq): Promise<void> {
    this.acknowledgements.push({ peer, seq, refusals, at })
  }

  onCommit(listener: (head: Seq, channels?: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onBarred(listener: () => void): () => void {
    this.#barred.add(listener)
    return () => this.#barred.delete(listener)
  }

  /** Somebody is barred from now on; the verifier says who. */
  bar(): void {
    for (const listener of [...this.#barred]) listener()
  }

  async heardRevocation(evidence: CredentialEvidence): Promise<void> {
    this.revocationsHeard.push(evidence)
  }

  async remember(credential: Credential): Promise<void> {
    this.remembered.push(credential)
    this.know(credential)
  }

  know(credential: Credential): void {
    this.#credentials.set(credential.hash, credential)
  }

  forget(): void {
    this.#credentials.clear()
  }

  /** Writes lines of its own, all in one commit. */
  async write(
    ...lines: { record: string; channels?: string[]; cited?: string; text: string }[]
  ): Promise<void> {
    await this.#append(lines.map((line) => ({ bytes: lineOf(line) })))
  }

  /** The text of every line in the log, in the log's order. */
  async texts(): Promise<string[]> {
    return (await this.lines()).map(({ text }) => text)
  }

  async lines(): Promise<FakeLine[]> {
    const entries = await this.#log.readLog(0, { entries: 1_000_000, bytes: Number.MAX_SAFE_INTEGER })
    return entries.map(({ bytes }) => parse(bytes))
  }

  get listeners(): number {
    return this.#listeners.size
  }

  async #append(lines: { bytes: Uint8Array; origin?: Origin }[]): Promise<void> {
    const entries: NewEntry[] = []
    const marks: Mark[] = []
    const touched = new Set<string>()
    for (const { bytes, origin } of lines) {
      const hash = toHex(this.host.sha256(bytes))
      if (this.#known.has(hash)) continue
      this.#known.add(hash)
      const { record, channels } = parse(bytes)
      const entry: LoggedEntry = { seq: ++this.head, kind: 'changes', record, bytes, origin }
      entries.push({ ...entry, channels })
      const before = this.#channels.get(record) ?? []
      const mark = (kind: Mark['kind']) => (channel: string) =>
        marks.push({ channel, record, seq: ++this.head, kind })
      channels.filter((channel) => !before.includes(channel)).forEach(mark('enter'))
      before.filter((channel) => !channels.includes(channel)).forEach(mark('leave'))
      this.#channels.set(record, channels)
      for (const channel of [...before, ...channels]) touched.add(channel)
    }
    if (entries.length === 0) return
    await this.#store.commit({ ...emptyBatch, entries, marks })
    for (const listener of [...this.#listeners]) listener(this.head, touched)
  }

  #moveCursors({ peer, position, want }: Delivery): void {
    if (position === undefined || want.kind === 'nothing') return
    const asked = want.kind === 'log' ? new Map([['*', want.cursor]]) : want.cursors
    for (const [channel, cursor] of asked) {
      const further = cursor === undefined || cursor.seq < position.seq ? position : cursor
      this.cursors.set(`${peer.log}/${channel}`, further)
    }
  }
}

export function lineOf({
  record,
  channels = [],
  cited = '',
  text,
}: {
  record: string
  channels?: string[]
  cited?: string
  text: string
}): Uint8Array {
  return encodeUtf8(`${record}|${channels.join(',')}|${cited}|${text}`)
}

function parse(bytes: Uint8Array): FakeLine {
  const [record = '', channels = '', cited = '', ...text] = (decodeUtf8(bytes) ?? '').split('|')
  return { record, channels: channels === '' ? [] : channels.split(','), cited, text: text.join('|') }
}
