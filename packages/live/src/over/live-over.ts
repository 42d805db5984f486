/**
 * A live replica over a replica in the same thread: for Node, for tests, for a page without workers, and inside the worker that serves pages.
 */
import {
  type Commit,
  changesAside,
  changesStanding,
  type Host,
  type Json,
  type JsonObject,
  type ReplicaBase,
  rebase,
  toHex,
} from '@skerry/core'
import {
  LiveError,
  type LiveQuery,
  type LiveRecord,
  type LiveReplica,
  type Once,
  type Stop,
  type StorageState,
  type SyncState,
} from '../port.ts'
import { Line, type LiveLink } from './line.ts'
import { toLiveError } from './live-error.ts'
import { OnceEdits } from './once.ts'
import { Present } from './present.ts'
import { watchQuery } from './watch-query.ts'
import { type ValueWatch, watchValue } from './watch-value.ts'

/** What the device's storage is good for, where somebody can tell. */
export interface LiveStorage {
  state(): Promise<StorageState>
  subscribe(listener: () => void): Stop
  persist(): Promise<StorageState>
}

export interface LiveOverOptions {
  host: Pick<Host, 'now' | 'timer'>
  /** Opens the line to the hub: `() => connect(replica, url)`. Called again whenever the app goes back on the network. */
  connect?: () => LiveLink
  storage?: LiveStorage
}

/** Milliseconds of work after which others get their turn: with what a page does itself it stays below a task of 50. */
const WORK_MS_MAX = 20
/** Milliseconds between two counts of what is unanswered: each reads it from the log. */
const COUNT_MS_GAP = 100

/** The port in the replica's own thread. */
export interface LiveHere extends LiveReplica {
  /**
   * A renewal of the credential with the hash `renews` came. It is shown from now on, unless another one is by now: the device may have changed hands meanwhile.
   * @throws LiveError of CredentialError
   */
  renewCredential(token: string, renews: string): Promise<void>
}

/** `close` ends its watches and the line; the replica is its owner's. */
export function liveOver(replica: ReplicaBase, options: LiveOverOptions): LiveHere {
  return new LiveOver(replica, options)
}

const kept: LiveStorage = {
  state: async () => ({ health: 'kept', usedBytes: undefined, quotaBytes: undefined, reason: undefined }),
  subscribe: () => () => undefined,
  persist: () => kept.state(),
}

class LiveOver implements LiveHere {
  readonly identity: LiveReplica['identity']
  readonly #replica: ReplicaBase
  readonly #host: LiveOverOptions['host']
  readonly #storage: LiveStorage
  readonly #line: Line
  readonly #present: Present
  readonly #onceEdits: OnceEdits
  readonly #lineListeners = new Set<() => void>()
  readonly #stops = new Set<Stop>()
  #isClosed = false

  constructor(replica: ReplicaBase, { host, connect, storage = kept }: LiveOverOptions) {
    this.#replica = replica
    this.#host = host
    this.#storage = storage
    this.#present = new Present(replica)
    this.#onceEdits = new OnceEdits(replica, () => host.now())
    const { node, space, publicKey } = replica
    this.identity = Promise.resolve({ node, space, publicKey: toHex(publicKey) })
    this.#line = new Line(replica, host, connect, () => {
      for (const changed of [...this.#lineListeners]) changed()
    })
    // Told to whoever watches the line, and to whoever switches it.
    this.#line.begun.catch(() => undefined)
  }

  watch: LiveReplica['watch'] = (query: LiveQuery, told, failed) => {
    let workedFrom = this.#host.now()
    const pause = async () => {
      if (Math.abs(this.#host.now() - workedFrom) < WORK_MS_MAX) return
      await this.#timer(0)
      workedFrom = this.#host.now()
    }
    return this.#begin(failed, (fail) => watchQuery(this.#replica, { query, pause, told, failed: fail }))
  }

  async get(collection: string, id: string): Promise<LiveRecord | undefined> {
    return this.#call(() => this.#records(collection).get(id))
  }

  create(collection: string, value: JsonObject, given?: string, once?: Once): Promise<string> {
    // The same however often it is asked for.
    const id = given ?? once?.id
    return this.#call(async () => {
      const made = await this.#onceEdits.make(once, (options) =>
        this.#records(collection).create(value, { ...(id !== undefined && { id }), ...options }),
      )
      return made?.id ?? id!
    })
  }

  update(
    collection: string,
    id: string,
    { base, wanted }: { base: JsonObject; wanted: JsonObject },
    once?: Once,
  ): Promise<void> {
    return this.#call(async () => {
      const records = this.#records(collection)
      const { shape } = this.#replica.collections.get(collection)!
      const [was, is] = shape.fields.has('id') ? [base, wanted] : [withoutId(base), withoutId(wanted)]
      const change = (draft: JsonObject) => replace(draft, rebase(shape, was, is, draft))
      await this.#onceEdits.make(once, (options) => records.update(id, change, options))
    })
  }

  remove(collection: string, id: string, once?: Once): Promise<void> {
    return this.#call(() =>
      this.#onceEdits.make(once, (options) => this.#records(collection).delete(id, options)),
    )
  }

  restore(collection: string, id: string, hash: string, once?: Once): Promise<void> {
    return this.#call(async () => {
      await this.#onceEdits.make(once, (options) => this.#records(collection).restore(id, hash, options))
    })
  }

  saved(collection: string, id: string, place: string, signal?: AbortSignal): Promise<void> {
    return this.#call(() => this.#records(collection).saved(id, place, { signal }))
  }

  watchStanding: LiveReplica['watchStanding'] = ({ collection, id, places }, told, failed) =>
    this.#value(failed, {
      read: async () => {
        const records = this.#records(collection)
        const standing = await Promise.all(places.map((place) => records.standing(id, place)))
        return Object.fromEntries(places.map((place, i) => [place, standing[i]!]))
      },
      onChange: (changed) =>
        this.#onCommit((commit) => changesStanding(commit, `${collection}/${id}`), changed),
      told,
    })

  history: LiveReplica['history'] = (collection, id) =>
    this.#call(() => this.#records(collection).history(id))

  concurrent: LiveReplica['concurrent'] = (collection, id) =>
    this.#call(() => this.#records(collection).concurrent(id))

  receipts: LiveReplica['receipts'] = (collection, id) =>
    this.#call(() => this.#records(collection).receipts(id))

  at: LiveReplica['at'] = (collection, id, hash) => this.#call(() => this.#records(collection).at(id, hash))

  watchAside: LiveReplica['watchAside'] = (told, failed) =>
    this.#value(failed, {
      read: () => this.#asides(),
      onChange: (changed) => this.#onCommit(changesAside, changed),
      told,
    })

  reapply(key: string, once?: Once): Promise<void> {
    return this.#call(() => this.#onceEdits.make(once, (options) => this.#replica.reapply(key, options)))
  }

  dropAside(key: string): Promise<void> {
    return this.#call(() => this.#onceEdits.make(undefined, () => this.#replica.dropAside(key)))
  }

  watchOutbox: LiveReplica['watchOutbox'] = (limit, told, failed) =>
    this.#value(failed, {
      read: async () => {
        const waiting = (await this.#replica.unanswered()).slice(0, limit)
        return waiting.map(({ record, edits, since }) => ({ ...partsOf(record), edits, since }))
      },
      onChange: (changed) => this.#onCommit(() => true, changed),
      pause: () => this.#timer(COUNT_MS_GAP),
      told,
    })

  watchQuarantine: LiveReplica['watchQuarantine'] = (told, failed) =>
    this.#value(failed, {
      read: async () => this.#replica.quarantined,
      onChange: (changed) => this.#onCommit(() => true, changed),
      told,
    })

  watchSync: LiveReplica['watchSync'] = (told, failed) =>
    this.#value(failed, {
      read: () => this.#syncState(),
      onChange: (changed) => {
        this.#lineListeners.add(changed)
        const stop = this.#onCommit(() => true, changed)
        return () => {
          this.#lineListeners.delete(changed)
          stop()
        }
      },
      pause: () => this.#timer(COUNT_MS_GAP),
      told,
    })

  watchStorage: LiveReplica['watchStorage'] = (told, failed) =>
    this.#value(failed, {
      read: () => this.#storage.state(),
      onChange: (changed) => this.#storage.subscribe(changed),
      told,
    })

  persist(): Promise<StorageState> {
    return this.#call(() => this.#storage.persist())
  }

  setOffline(offline: boolean): Promise<void> {
    return this.#call(() => this.#line.setOffline(offline))
  }

  wake(): void {
    this.#line.wake()
  }

  setCredential(token: string): Promise<void> {
    return this.#call(() => this.#show(token))
  }

  renewCredential(token: string, renews: string): Promise<void> {
    return this.#call(() => this.#show(token, { renews }))
  }

  async #show(token: string, how?: { renews: string }): Promise<void> {
    const shown = await this.#replica.setCredential(token, how)
    if (shown.token === token) this.#line.renew(token)
  }

  presence: LiveReplica['presence'] = (channel, shown, told, failed) =>
    this.#begin(failed, (fail) => {
      let stopShowing: Stop = () => undefined
      try {
        if (shown !== undefined) stopShowing = this.#present.show(channel, shown as Json)
      } catch (error) {
        fail(error)
        return () => undefined
      }
      const presence = this.#replica.presence(channel)
      const stopListening = presence.subscribe(() => told(presence.others()))
      told(presence.others())
      return () => {
        stopListening()
        stopShowing()
      }
    })

  async close(): Promise<void> {
    this.#isClosed = true
    for (const stop of [...this.#stops]) stop()
    await this.#line.close()
  }

  #records(collection: string) {
    return this.#replica.collection(collection)
  }

  async #asides() {
    return (await this.#replica.aside()).toSorted((a, b) => a.at - b.at)
  }

  async #syncState(): Promise<SyncState> {
    await this.#line.begun
    const unanswered = await this.#replica.unanswered()
    const aside = await this.#replica.aside()
    const { phase, retryAt, lastContactAt, reason } = this.#line.state
    const { credential } = this.#replica
    const unverified = this.#replica.unverified()
    return {
      phase,
      retryAt,
      lastContactAt,
      reason: reason?.code === 'credential-revoked' && this.#isLockedOut() ? lockedOut : reason,
      pending: unanswered.reduce((sum, { edits }) => sum + edits, 0),
      aside: aside.length,
      arriving: unverified > 0 ? { unverified } : undefined,
      credential: credential && {
        subject: credential.subject,
        expiresAt: credential.expiresAt,
        read: credential.read,
        write: credential.write,
      },
    }
  }

  /** By its key, and not by a credential that another one may take the place of. */
  #isLockedOut(): boolean {
    return this.#replica.isRevoked({ publicKey: this.#replica.publicKey, hash: '' })
  }

  async #call<T>(run: () => Promise<T>): Promise<T> {
    try {
      if (this.#isClosed) throw closed()
      return await run()
    } catch (error) {
      throw toLiveError(error)
    }
  }

  #value<T>(failed: (error: LiveError) => void, watch: Omit<ValueWatch<T>, 'failed'>): Stop {
    return this.#begin(failed, (fail) => watchValue({ ...watch, failed: fail }))
  }

  /** A watch that `close` ends too; its failure is told once, never before it is returned. */
  #begin(failed: (error: LiveError) => void, begin: (fail: (error: unknown) => void) => Stop): Stop {
    let isEnded = false
    const fail = (error: unknown) => {
      void Promise.resolve().then(() => {
        if (isEnded) return
        end()
        failed(toLiveError(error))
      })
    }
    let stop: Stop = () => undefined
    const end = () => {
      isEnded = true
      this.#stops.delete(end)
      stop()
    }
    this.#stops.add(end)
    if (this.#isClosed) fail(closed())
    else stop = begin(fail)
    return end
  }

  #onCommit(concerns: (commit: Commit) => boolean, changed: () => void): Stop {
    return this.#replica.onCommit((commit) => {
      if (concerns(commit)) changed()
    })
  }

  #timer(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#host.timer(delayMs, resolve))
  }
}

const lockedOut = {
  code: 'device-revoked',
  words: 'the operator has revoked this device for good; a new code or credential for it will be refused',
}

function closed(): LiveError {
  return new LiveError('LiveClosed', 'closed', 'this live replica was closed; open another one')
}

function withoutId({ id: _, ...value }: JsonObject): JsonObject {
  return value
}

function replace(draft: JsonObject, value: JsonObject): void {
  for (const key of Object.keys(draft)) if (!Object.hasOwn(value, key)) delete draft[key]
  Object.assign(draft, value)
}

function partsOf(record: string): { collection: string; id: string } {
  const at = record.indexOf('/')
  return { collection: record.slice(0, at), id: record.slice(at + 1) }
}
