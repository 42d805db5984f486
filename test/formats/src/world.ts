/** Replicas that meet over links on which every message is written down, on stores of which every row is. */
import {
  collection,
  type MemoryLink,
  memoryLink,
  type Replica,
  type ReplicaOptions,
  type Session,
  type SessionOptions,
  type Store,
  startSession,
  type TableWrite,
  type Transport,
  text,
} from '@skerry/core'
import { hubRole } from '@skerry/core/hub'
import { type Authority, createAuthority, issueCredential } from '@skerry/credentials'
import { openReplica } from '@skerry/node'
import * as z from 'zod'
import { makeKey, Stranger } from './stranger.ts'

export const SPACE = 'skerries'
const HOUR_MS = 3_600_000
/** Turns of the event loop: what is waited for here takes some hundred. */
const TURNS_MAX = 200_000

export const visits = collection(
  'visits',
  z.object({ title: z.string(), site: z.string(), notes: text().optional() }),
  {
    channels: (visit) => [`site:${visit.site}`],
    indexes: ['site'],
    history: { entriesMax: 4 },
    deletedKeptMs: 0,
  },
)
export type Visits = { visits: typeof visits }
export type Open = Replica<Visits>

export interface Said {
  from: 'acceptor' | 'initiator'
  message: Uint8Array
}

export interface Row {
  table: string
  key: string
  value: Uint8Array
}

export interface Grant {
  subject?: string
  role?: 'device' | 'authority'
  read?: readonly string[]
  write?: readonly string[]
  systems?: readonly string[]
}

export type OpenOptions = Partial<Omit<ReplicaOptions<Visits>, 'store' | 'host' | 'verifier'>> & {
  store: Store
}

export interface Meeting {
  session: Session
  accepted: Session
  said: Said[]
  link: MemoryLink
  end(): Promise<void>
}

export class World {
  readonly authority: Authority
  /** Whatever was said on any link. */
  readonly said: Said[] = []
  /** Every row that was written into any table. */
  readonly rows: Row[] = []
  readonly #links = new Set<MemoryLink>()
  readonly #open: { close(): Promise<void> }[] = []

  private constructor(authority: Authority) {
    this.authority = authority
  }

  static async create(): Promise<World> {
    return new World(await createAuthority())
  }

  async open({ store, ...options }: OpenOptions): Promise<Open> {
    const replica = await openReplica({
      ...{ authority: this.authority.publicKey, collections: { visits }, space: SPACE },
      ...options,
      store: this.#noting(store),
    })
    this.#open.push(replica)
    return replica
  }

  /** An enrolled one. */
  async enrol(options: OpenOptions, grant: Grant = {}): Promise<Open> {
    const replica = await this.open(options)
    await replica.setCredential(await this.token(replica.publicKey, grant))
    return replica
  }

  async hub(options: OpenOptions): Promise<Open> {
    const all = { read: ['*'], write: ['*'] }
    return this.enrol({ ...options, role: hubRole }, { subject: 'hub', role: 'authority', ...all })
  }

  token(publicKey: Uint8Array, grant: Grant = {}): Promise<string> {
    const [issuedAt, channels] = [Date.now(), ['site:SEA']]
    const usual = { subject: 'ana', role: 'device', read: channels, write: channels, systems: [] } as const
    const term = { issuedAt, expiresAt: issuedAt + HOUR_MS }
    return issueCredential(this.authority, { space: SPACE, publicKey, ...usual, ...term, ...grant })
  }

  /** The first dials the second. */
  meet(initiator: Open, acceptor: Open, options: Partial<SessionOptions> = {}): Meeting {
    const { said, link } = this.line()
    const accepted = startSession(acceptor.session, link.acceptor, { ...options, role: 'acceptor' })
    const session = startSession(initiator.session, link.initiator, { ...options, role: 'initiator' })
    const end = async () => {
      session.close()
      await this.until(() => session.state === 'closed' && accepted.state === 'closed')
    }
    return { session, accepted, said, link, end }
  }

  /** A link on which everything is written down. */
  line(): { said: Said[]; link: MemoryLink } {
    const link = memoryLink()
    const said: Said[] = []
    this.#links.add(link)
    const sides = {
      acceptor: this.#overheard(link.acceptor, 'acceptor', said),
      initiator: this.#overheard(link.initiator, 'initiator', said),
    }
    return {
      said,
      link: new Proxy(link, { get: (of, name) => sides[name as 'acceptor'] ?? Reflect.get(of, name) }),
    }
  }

  /** A device that is none of the project's dials this replica. */
  async stranger(
    acceptor: Open,
    grant: Grant = {},
    how: { namesOnly?: boolean } = {},
  ): Promise<{ stranger: Stranger; said: Said[]; link: MemoryLink }> {
    const key = makeKey()
    const token = await this.token(key.publicKey, { subject: 'stranger', ...grant })
    const { link, said } = this.line()
    startSession(acceptor.session, link.acceptor, { role: 'acceptor' })
    const options = { key, space: SPACE, token, authority: this.authority.publicKey, ...how }
    const stranger = new Stranger(options, link.initiator)
    link.initiator.bind({ message: (message) => stranger.hear(message), drained() {}, closed() {} })
    await this.until(() => stranger.isCurrent)
    return { stranger, said, link }
  }

  /** Whether a row of this table was ever written. */
  wrote(table: string): boolean {
    return this.rows.some((row) => row.table === table)
  }

  async inStep({ session, accepted }: Meeting): Promise<void> {
    await this.until(() => session.current && accepted.current)
  }

  /** Carries what is said until this is so. @throws Error when it does not come to that */
  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (let turns = 0; !(await isSo()); turns++) {
      if (turns > TURNS_MAX) throw new Error(`${TURNS_MAX} turns, and still not: ${isSo}`)
      await new Promise((resolve) => setImmediate(resolve))
      for (const link of this.#links) link.flush()
    }
  }

  /** Carries what is said until this has come to its end. */
  async during<T>(work: Promise<T>): Promise<T> {
    let isOver = false
    const ended = work.finally(() => {
      isOver = true
    })
    await this.until(() => isOver)
    return ended
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((replica) => replica.close()))
  }

  #noting(store: Store): Store {
    const note = ({ table, key, value }: TableWrite) => {
      if (value) this.rows.push({ table, key, value: Uint8Array.from(value) })
    }
    return {
      ...store,
      commit: async (batch) => {
        await store.commit(batch)
        batch.tables.forEach(note)
      },
    }
  }

  #overheard(transport: Transport, from: Said['from'], said: Said[]): Transport {
    return {
      send: (message) => {
        const one = { from, message: Uint8Array.from(message) }
        said.push(one)
        this.said.push(one)
        transport.send(message)
      },
      get bufferedBytes() {
        return transport.bufferedBytes
      },
      bind: (events) => transport.bind(events),
      close: (code, reason) => transport.close(code, reason),
      allowMessageBytes: (bytesMax) => transport.allowMessageBytes(bytesMax),
    }
  }
}
