/** The inspection port as a page holds it: over the line of its live replica, with calls and watches that outlive a worker as those do. */
import type { Inspect, LiveError, LiveReplica } from '@skerry/live'
import { Calls } from './calls.ts'
import { inspectMethods } from './inspect-methods.ts'
import { type Asked, readAnswered } from './messages.ts'
import type { InspectPort } from './served-tab.ts'
import { type JoinedPort, TabReplica } from './tab-replica.ts'
import { Watches } from './watches.ts'
import { fromWire } from './wire-error.ts'

/** For the worker: what `open` of `serveTabs` gives as `inspect`. */
export function inspectPort(inspect: Inspect): InspectPort {
  return { target: inspect, methods: inspectMethods }
}

const known = new WeakMap<TabReplica, TabInspect>()

/**
 * For the page: the inspection port of the replica that `connectTabs` gave. Where the worker offers none, calls and watches fail with `not-inspected`.
 * @throws TypeError for another live replica
 */
export function inspectTabs(replica: LiveReplica): Inspect {
  if (!(replica instanceof TabReplica))
    throw new TypeError(
      'inspectTabs wants what connectTabs returned: another live replica has no worker to ask',
    )
  const inspect = known.get(replica) ?? new TabInspect(replica)
  known.set(replica, inspect)
  return inspect
}

class TabInspect implements Inspect, JoinedPort {
  readonly #line: ReturnType<TabReplica['join']>
  readonly #calls: Calls
  readonly #watches: Watches

  constructor(replica: TabReplica) {
    const send = (message: Asked) => this.#line.send(message)
    this.#watches = new Watches(send)
    this.#calls = new Calls(() => 'repeat', send)
    this.#line = replica.join(this)
  }

  up(): void {
    this.#watches.sendAgain()
    this.#calls.sendAgain()
  }

  heard(data: unknown): void {
    const message = readAnswered(data)
    if (message?.kind === 'told') this.#watches.tell(message.id, message.value)
    else if (message?.kind === 'ended') this.#watches.end(message.id, fromWire(message.error))
    else if (message?.kind === 'done') this.#calls.take(message.id, 'done')?.resolve(message.value)
    else if (message?.kind === 'failed')
      this.#calls.take(message.id, 'failed')?.reject(fromWire(message.error))
  }

  end(error: LiveError): void {
    this.#calls.end(error)
    this.#watches.over(error)
  }

  #call<T>(name: string, args: readonly unknown[]): Promise<T> {
    return this.#calls.call(name, args, this.#line.isUp) as Promise<T>
  }

  about(): ReturnType<Inspect['about']> {
    return this.#call('about', [])
  }

  log(below: number, limit: number): ReturnType<Inspect['log']> {
    return this.#call('log', [below, limit])
  }

  entry(seq: number): ReturnType<Inspect['entry']> {
    return this.#call('entry', [seq])
  }

  record(collection: string, id: string): ReturnType<Inspect['record']> {
    return this.#call('record', [collection, id])
  }

  setNetwork(...args: Parameters<Inspect['setNetwork']>): Promise<void> {
    return this.#call('setNetwork', args)
  }

  watchLog(...[limit, told, failed]: Parameters<Inspect['watchLog']>): ReturnType<Inspect['watchLog']> {
    return this.#watches.watch('watchLog', [limit], told, failed)
  }

  watchLines(...[told, failed]: Parameters<Inspect['watchLines']>): ReturnType<Inspect['watchLines']> {
    return this.#watches.watch('watchLines', [], told, failed)
  }

  watchNetwork(...[told, failed]: Parameters<Inspect['watchNetwork']>): ReturnType<Inspect['watchNetwork']> {
    return this.#watches.watch('watchNetwork', [], told, failed)
  }
}
