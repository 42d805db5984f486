/** The replica as a page holds it: the port over a line to whoever serves. */
import { newId } from '@skerry/core'
import {
  LiveError,
  type LiveIdentity,
  type LiveQuery,
  type LiveRecord,
  type LiveReplica,
  type Splice,
  type Stop,
  type StorageState,
  type SyncState,
} from '@skerry/live'
import { Calls } from './calls.ts'
import { Line, type LineOptions } from './line.ts'
import { LineSync } from './line-sync.ts'
import type { Asked, ToPage } from './messages.ts'
import { type CallName, liveAgainOf } from './methods.ts'
import type { Page } from './page.ts'
import { Watches } from './watches.ts'
import { fromWire } from './wire-error.ts'

type Failed = (error: LiveError) => void

export interface TabEvent {
  code: 'malformed-message' | 'reload' | 'worker-failed'
  message: string
}

/** A port beside the live one. */
export interface JoinedPort {
  /** There is another server. */
  up(): void
  heard(message: unknown): void
  /** Nothing comes any more. */
  end(error: LiveError): void
}

export interface TabReplicaOptions extends Pick<LineOptions, 'world' | 'names' | 'build' | 'source'> {
  page: Page
  events(event: TabEvent): void
}

export class TabReplica implements LiveReplica {
  readonly #line: Line
  readonly #calls: Calls
  readonly #watches: Watches
  readonly #sync = new LineSync()
  readonly #page: Page
  readonly #stopPage: () => void
  #identity: Promise<LiveIdentity> | undefined
  #joined: JoinedPort | undefined
  /** Why nothing comes any more. */
  #over: LiveError | undefined

  constructor({ page, events, ...options }: TabReplicaOptions) {
    this.#page = page
    this.#watches = new Watches((message) => this.#line.send(message))
    this.#calls = new Calls(
      liveAgainOf,
      (message) => this.#line.send(message),
      () => newId(page),
    )
    this.#line = new Line({
      ...options,
      up: () => {
        this.#sync.up()
        this.#watches.sendAgain()
        this.#calls.sendAgain()
        this.#joined?.up()
      },
      heard: (message) => this.#heard(message),
      reload: () => {
        const words = 'this page is of another version of the app than what is open beside it; load it again'
        this.#end(new LiveError('LiveError', 'reload', words))
        this.#sync.down('reload', words)
        events({ code: 'reload', message: words })
      },
      failed: (words) => {
        this.#sync.down('worker-failed', `the app's worker does not start: ${words}`)
        events({ code: 'worker-failed', message: words })
      },
      malformed: (data) =>
        events({
          code: 'malformed-message',
          message: `the worker said ${JSON.stringify(data)?.slice(0, 200)}`,
        }),
    })
    this.#stopPage = page.onWake(() => this.wake())
  }

  #heard(message: ToPage): void {
    if (message.kind === 'inspect') this.#joined?.heard(message.message)
    else if (message.kind === 'told') this.#watches.tell(message.id, message.value)
    else if (message.kind === 'ended') this.#watches.end(message.id, fromWire(message.error))
    else if (message.kind === 'done') {
      const call = this.#calls.take(message.id, 'done')
      if (call) this.#watches.whenRenewed(() => call.resolve(message.value))
    } else if (message.kind === 'failed') {
      const isDone = this.#calls.wasDone(message.id, message.error)
      const call = this.#calls.take(message.id, isDone ? 'done' : 'failed')
      if (call)
        this.#watches.whenRenewed(() =>
          isDone ? call.resolve(undefined) : call.reject(fromWire(message.error)),
        )
    }
  }

  /** Another port speaks over this page's line from now on (tab-inspect.ts). What it says while the line is not up is lost; it is told when another server is there. */
  join(port: JoinedPort): { send(message: Asked): void; readonly isUp: boolean } {
    this.#joined = port
    if (this.#over) port.end(this.#over)
    const line = this.#line
    return {
      send: (message) => line.send({ kind: 'inspect', message }),
      get isUp() {
        return line.phase === 'up'
      },
    }
  }

  #call<T>(name: CallName, args: readonly unknown[], signal?: AbortSignal): Promise<T> {
    return this.#calls.call(name, args, this.#line.phase === 'up', signal) as Promise<T>
  }

  get identity(): Promise<LiveIdentity> {
    this.#identity ??= this.#call<LiveIdentity>('identity', [])
    return this.#identity
  }

  watch(query: LiveQuery, told: (splice: Splice) => void, failed: Failed): Stop {
    return this.#watches.watchRecords([query], told, failed)
  }

  get(collection: string, id: string): Promise<LiveRecord | undefined> {
    return this.#call('get', [collection, id])
  }

  create(...[collection, value, given]: Parameters<LiveReplica['create']>): Promise<string> {
    return this.#call('create', [collection, value, given ?? newId(this.#page)])
  }

  update(...[collection, id, edit]: Parameters<LiveReplica['update']>): Promise<void> {
    return this.#call('update', [collection, id, edit])
  }

  remove(collection: string, id: string): Promise<void> {
    return this.#call('remove', [collection, id])
  }

  restore(collection: string, id: string, hash: string): Promise<void> {
    return this.#call('restore', [collection, id, hash])
  }

  saved(collection: string, id: string, place: string, signal?: AbortSignal): Promise<void> {
    return this.#call('saved', [collection, id, place], signal)
  }

  watchStanding(...[record, told, failed]: Parameters<LiveReplica['watchStanding']>): Stop {
    return this.#watches.watch('watchStanding', [record], told, failed)
  }

  history(collection: string, id: string): ReturnType<LiveReplica['history']> {
    return this.#call('history', [collection, id])
  }

  concurrent(collection: string, id: string): ReturnType<LiveReplica['concurrent']> {
    return this.#call('concurrent', [collection, id])
  }

  receipts(collection: string, id: string): ReturnType<LiveReplica['receipts']> {
    return this.#call('receipts', [collection, id])
  }

  at(collection: string, id: string, hash: string): Promise<LiveRecord | undefined> {
    return this.#call('at', [collection, id, hash])
  }

  watchAside(...[told, failed]: Parameters<LiveReplica['watchAside']>): Stop {
    return this.#watches.watch('watchAside', [], told, failed)
  }

  reapply(key: string): Promise<void> {
    return this.#call('reapply', [key])
  }

  dropAside(key: string): Promise<void> {
    return this.#call('dropAside', [key])
  }

  watchOutbox(...[limit, told, failed]: Parameters<LiveReplica['watchOutbox']>): Stop {
    return this.#watches.watch('watchOutbox', [limit], told, failed)
  }

  watchQuarantine(...[told, failed]: Parameters<LiveReplica['watchQuarantine']>): Stop {
    return this.#watches.watch('watchQuarantine', [], told, failed)
  }

  watchSync(told: (state: SyncState) => void, failed: Failed): Stop {
    const merged = this.#sync.add(told)
    // Of a page that is to be reloaded, that is its state.
    const unlessReload: Failed = (error) => this.#line.phase === 'reload' || failed(error)
    const stop = this.#watches.watch<SyncState>('watchSync', [], merged.tell, unlessReload)
    return () => {
      merged.stop()
      stop()
    }
  }

  watchStorage(...[told, failed]: Parameters<LiveReplica['watchStorage']>): Stop {
    return this.#watches.watch('watchStorage', [], told, failed)
  }

  async persist(): Promise<StorageState> {
    await this.#page.persist()
    return this.#call('persist', [])
  }

  setOffline(offline: boolean): Promise<void> {
    return this.#call('setOffline', [offline])
  }

  wake(): void {
    this.#line.send({ kind: 'wake' })
  }

  setCredential(token: string): Promise<void> {
    return this.#call('setCredential', [token])
  }

  presence(...[channel, shown, told, failed]: Parameters<LiveReplica['presence']>): Stop {
    return this.#watches.watch('presence', [channel, shown], told, failed)
  }

  async close(): Promise<void> {
    this.#stopPage()
    this.#line.close()
    this.#end(new LiveError('LiveClosed', 'closed', 'this page has let go of the replica'))
  }

  #end(error: LiveError): void {
    this.#over ??= error
    this.#joined?.end(error)
    this.#calls.end(error)
    this.#watches.over(error)
  }
}
