/**
 * Leader mode, where there is no SharedWorker: one page has the lock `leader` and a worker of its own, to which it has a port; the others knock in the lobby, and that worker answers each on a
 * channel of its tab (T-3).
 */

import { STARTING_HELLOS_MAX } from './limits.ts'
import type { Hello } from './messages.ts'
import { readInLobby } from './messages.ts'
import type { Names } from './names.ts'
import type { PipeSource, SourceEvents } from './pipe-source.ts'
import { type Channel, channelOver, type World } from './world.ts'

/** What is used of a dedicated Worker. */
export interface WorkerLike {
  postMessage(message: unknown, transfer: MessagePort[]): void
  terminate(): unknown
  onerror: ((event: ErrorEvent) => unknown) | null
}

export function leaderSource(
  make: () => WorkerLike,
  { world, names }: { world: World; names: Names },
  events: SourceEvents,
): PipeSource {
  return new LeaderSource(make, world, names, events)
}

class LeaderSource implements PipeSource {
  readonly #make: () => WorkerLike
  readonly #world: World
  readonly #names: Names
  readonly #events: SourceEvents
  readonly #lobby: Channel
  readonly #waiting = new AbortController()
  #isLeader = false
  #worker: WorkerLike | undefined
  /** Said to the worker that is on its way; it has all of them when it is there. */
  #hellos = 0
  #resign: () => void = () => undefined

  constructor(make: () => WorkerLike, world: World, names: Names, events: SourceEvents) {
    this.#make = make
    this.#world = world
    this.#names = names
    this.#events = events
    this.#lobby = world.channel(names.lobby)
    this.#lobby.hear((data) => {
      if (readInLobby(data)?.kind === 'here' && !this.#isLeader) events.again()
    })
    void this.#stand()
  }

  async #stand(): Promise<void> {
    const { signal } = this.#waiting
    try {
      this.#resign = await this.#world.locks.hold(this.#names.leader, signal)
    } catch (error) {
      if (!signal.aborted) this.#events.failed(`the browser gives no lock: ${error}`)
      return
    }
    if (signal.aborted) {
      this.#resign()
      return
    }
    this.#isLeader = true
    this.#events.again()
  }

  open(hello: Hello, heard: (data: unknown) => void): Channel {
    return this.#isLeader ? this.#toOwnWorker(hello, heard) : this.#knock(hello, heard)
  }

  #toOwnWorker(hello: Hello, heard: (data: unknown) => void): Channel {
    if (this.#hellos >= STARTING_HELLOS_MAX) this.#spend()
    this.#worker ??= this.#start()
    this.#hellos += 1
    const { port1, port2 } = new MessageChannel()
    this.#worker.postMessage({ kind: 'pipe' }, [port2])
    const pipe = channelOver(port1)
    pipe.hear((data) => {
      // It has begun: when a pipe is wanted again, it is dead.
      this.#hellos = STARTING_HELLOS_MAX
      heard(data)
    })
    pipe.post(hello)
    return pipe
  }

  #start(): WorkerLike {
    const worker = this.#make()
    worker.onerror = ({ message }) => {
      this.#hellos = STARTING_HELLOS_MAX
      this.#events.failed(message || 'its script could not be loaded')
    }
    return worker
  }

  /** There was one, and it came to nothing. */
  #spend(): void {
    this.#worker?.terminate()
    this.#worker = undefined
    this.#hellos = 0
  }

  #knock({ protocol, version, tab }: Hello, heard: (data: unknown) => void): Channel {
    const pipe = this.#world.channel(this.#names.tab(tab))
    pipe.hear(heard)
    this.#lobby.post({ kind: 'knock', protocol, version, tab })
    return pipe
  }

  close(): void {
    this.#waiting.abort()
    this.#lobby.close()
    this.#worker?.terminate()
    this.#resign()
  }
}
