/**
 * The worker that serves: it takes the seat, opens the replica, and answers tabs until it dies or gives way to a newer version (SPEC). It is told of pipes by whoever knows how they come
 * (`serve-tabs.ts`), and hears the lobby itself.
 */
import { LiveError, type LiveReplica } from '@skerry/live'
import { OPEN_AGAIN_MS, RELOAD_MS_MAX } from './limits.ts'
import {
  type Build,
  compareBuilds,
  type Hello,
  type InLobby,
  idOf,
  readInLobby,
  readToServer,
  type ToPage,
} from './messages.ts'
import { type Names, newName } from './names.ts'
import { type InspectPort, ServedTab } from './served-tab.ts'
import { type Channel, type World, whenFree } from './world.ts'

export interface ServerEvent {
  code: 'malformed-message' | 'open-failed' | 'gave-way' | 'close-failed' | 'no-locks'
  message: string
}

/** An open replica, and how it is given up: replica and store closed, so that another worker may open them. */
export interface Opened {
  live: LiveReplica
  /** The inspection port, where the app's pages may look into the replica: made when one first asks. Absent: none may. */
  inspect?: () => Promise<InspectPort>
  close(): Promise<void>
}

export interface ServerOptions {
  world: World
  names: Names
  build: Build
  /** Opens the replica, as soon as nobody else has it. */
  open(): Promise<Opened>
  /** It has given way: the worker may end. */
  ended(): void
  events(event: ServerEvent): void
}

interface Held {
  served: ServedTab
  pipe: Channel
  leaving: AbortController
}

export class Server {
  readonly #options: ServerOptions
  readonly #id = newName()
  readonly #tabs = new Map<string, Held>()
  readonly #lobby: Channel
  readonly #ending = new AbortController()
  readonly #begun: Promise<void>
  readonly #seated: Promise<void>
  #opened: Promise<Opened> | undefined
  #hasSeat = false
  #freeSeat: () => void = () => undefined

  constructor(options: ServerOptions) {
    this.#options = options
    this.#lobby = options.world.channel(options.names.lobby)
    this.#lobby.hear((data) => this.#heardInLobby(readInLobby(data)))
    this.#begun = this.#begin()
    this.#seated = this.#begun.then(() => this.#sit())
    // Whoever waits for the replica is told.
    this.#seated.catch(() => undefined)
  }

  /** A pipe to a page, which will say hello. */
  attach(pipe: Channel): void {
    pipe.hear((data) => {
      const message = readToServer(data)
      if (message?.kind === 'hello') void this.#welcome(pipe, message)
      else this.#malformed(data)
    })
  }

  async #begin(): Promise<void> {
    const { world, names } = this.#options
    // Held until this worker ends, however it does.
    await world.locks.hold(names.server(this.#id))
    this.#shout({ kind: 'here' })
  }

  async #sit(): Promise<void> {
    const { world, names, build } = this.#options
    this.#shout({ kind: 'yield', ...build })
    const free = await world.locks.hold(names.seat, this.#ending.signal)
    this.#hasSeat = true
    this.#freeSeat = free
  }

  #shout(message: InLobby): void {
    if (!this.#isOver) this.#lobby.post(message)
  }

  get #isOver(): boolean {
    return this.#ending.signal.aborted
  }

  async #welcome(pipe: Channel, hello: Hello): Promise<void> {
    const { build, names, world, events } = this.#options
    const age = compareBuilds(hello, build)
    if (age < 0) pipe.post({ kind: 'reload' } satisfies ToPage)
    if (age > 0) await this.#giveWay()
    if (age !== 0) return
    try {
      await this.#begun
    } catch (error) {
      // Without locks nobody can be told that this server dies; the page says hello again.
      events({ code: 'no-locks', message: `the browser gives no locks: ${error}` })
      return
    }
    if (this.#isOver) return
    this.#letGo(hello.tab)
    const say = (message: ToPage) => pipe.post(message)
    const bye = () => this.#letGo(hello.tab)
    const live = async () => (await this.#open()).live
    const served = new ServedTab({ live, inspect: () => this.#inspect(), say, bye })
    const leaving = new AbortController()
    this.#tabs.set(hello.tab, { served, pipe, leaving })
    pipe.hear((data) => this.#heard(served, data, say))
    say({ kind: 'welcome', server: this.#id, ...build })
    whenFree(world.locks, names.tab(hello.tab), leaving.signal).then(bye, () => undefined)
  }

  #heard(served: ServedTab, data: unknown, say: (message: ToPage) => void): void {
    const message = readToServer(data)
    if (message) {
      served.hear(message)
      return
    }
    this.#malformed(data)
    const id = idOf(data)
    const error = {
      name: 'LiveError',
      code: 'malformed-message',
      message: 'what was asked could not be read',
    }
    // Which of the two it was to be, the page knows.
    if (id !== undefined) for (const kind of ['failed', 'ended'] as const) say({ kind, id, error })
  }

  #malformed(data: unknown): void {
    const message = `a page said ${JSON.stringify(data)?.slice(0, 200)}`
    this.#options.events({ code: 'malformed-message', message })
  }

  #letGo(tab: string): void {
    const held = this.#tabs.get(tab)
    if (!held) return
    this.#tabs.delete(tab)
    held.leaving.abort()
    held.served.end()
    held.pipe.close()
  }

  /** The replica, opened when it is first asked for; one that could not be opened is tried again later. */
  #open(): Promise<Opened> {
    this.#opened ??= this.#seated
      .then(() => this.#options.open())
      .catch((error: unknown) => {
        if (!this.#isOver) this.#options.events({ code: 'open-failed', message: `${error}` })
        setTimeout(() => {
          this.#opened = undefined
        }, OPEN_AGAIN_MS)
        throw error
      })
    return this.#opened
  }

  async #inspect(): Promise<InspectPort> {
    const { inspect } = await this.#open()
    if (inspect) return inspect()
    const words =
      "the app's worker offers no inspection: what its `open` returns has no `inspect` (@skerry/devtools)"
    throw new LiveError('LiveError', 'not-inspected', words)
  }

  #heardInLobby(said: InLobby | undefined): void {
    const { build, names, world } = this.#options
    if (said?.kind === 'knock') {
      const pipe = world.channel(names.tab(said.tab))
      void this.#welcome(pipe, { ...said, kind: 'hello' })
    } else if (said?.kind === 'yield' && this.#hasSeat) {
      if (compareBuilds(said, build) > 0) void this.#giveWay()
      else this.#shout({ kind: 'sits', ...build })
    } else if (said?.kind === 'sits' && !this.#hasSeat && compareBuilds(said, build) > 0) void this.#giveWay()
  }

  /** V-1. */
  async #giveWay(): Promise<void> {
    if (this.#isOver) return
    const { events, ended } = this.#options
    this.#ending.abort()
    events({ code: 'gave-way', message: 'a newer version of the app is open in this browser' })
    const heard = [...this.#tabs].map(([tab, held]) => this.#reload(tab, held))
    this.#tabs.clear()
    this.#lobby.close()
    try {
      const opened = await this.#opened
      await opened?.live.close()
      await opened?.close()
    } catch (error) {
      events({ code: 'close-failed', message: `the replica could not be closed: ${error}` })
    }
    this.#freeSeat()
    await Promise.all(heard)
    ended()
  }

  /** Resolves when the page has heard it, and so let go of its tab: a server that died before would be looked for instead. */
  async #reload(tab: string, { pipe, served, leaving }: Held): Promise<void> {
    const { world, names } = this.#options
    leaving.abort()
    served.end()
    pipe.post({ kind: 'reload' } satisfies ToPage)
    // A page that the browser froze hears it when it is thawed.
    await whenFree(world.locks, names.tab(tab), AbortSignal.timeout(RELOAD_MS_MAX)).catch(() => undefined)
    pipe.close()
  }
}
