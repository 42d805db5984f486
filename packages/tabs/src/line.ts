/** A page's line to whoever serves: it says hello, notices that a server has died, and says hello to the next one (SPEC, Finding each other). */
import { WELCOME_MS_MAX } from './limits.ts'
import { type Build, compareBuilds, type Hello, readToPage, type ToPage, type ToServer } from './messages.ts'
import { type Names, newName } from './names.ts'
import type { PipeSource, SourceEvents } from './pipe-source.ts'
import { type Channel, type World, whenFree } from './world.ts'

export type LinePhase = 'connecting' | 'up' | 'reload' | 'closed'

export interface LineOptions {
  world: World
  names: Names
  build: Build
  source(events: SourceEvents): PipeSource
  /** There is a server, another one than before. */
  up(): void
  heard(message: ToPage): void
  /** The page is to be reloaded: nothing comes any more. */
  reload(): void
  /** No worker could be started; it is tried again. */
  failed(words: string): void
  malformed(data: unknown): void
}

export class Line {
  readonly #options: LineOptions
  readonly #hello: Hello
  readonly #source: PipeSource
  readonly #closing = new AbortController()
  #phase: LinePhase = 'connecting'
  #pipe: Channel | undefined
  #again: ReturnType<typeof setTimeout> | undefined
  /** The tab's lock is held: hello may be said. */
  #begun = false
  #freeTab: () => void = () => undefined

  constructor(options: LineOptions) {
    this.#options = options
    this.#hello = { kind: 'hello', ...options.build, tab: newName() }
    this.#source = options.source({
      again: () => this.#phase === 'connecting' && this.#begun && this.#connect(),
      failed: (words) => this.#phase === 'connecting' && options.failed(words),
    })
    void this.#begin()
  }

  get phase(): LinePhase {
    return this.#phase
  }

  send(message: ToServer): void {
    if (this.#phase === 'up') this.#pipe?.post(message)
  }

  async #begin(): Promise<void> {
    const { world, names } = this.#options
    try {
      this.#freeTab = await world.locks.hold(names.tab(this.#hello.tab), this.#closing.signal)
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.failed(`the browser gives no lock: ${error}`)
      return
    }
    if (this.#phase !== 'connecting') {
      this.#freeTab()
      return
    }
    this.#begun = true
    this.#connect()
  }

  #connect(): void {
    this.#hangUp()
    this.#again = setTimeout(() => this.#connect(), WELCOME_MS_MAX)
    const pipe = this.#source.open(this.#hello, (data) => this.#pipe === pipe && this.#heard(data))
    this.#pipe = pipe
  }

  #hangUp(): void {
    clearTimeout(this.#again)
    this.#pipe?.close()
    this.#pipe = undefined
  }

  #heard(data: unknown): void {
    const message = readToPage(data)
    if (!message) this.#options.malformed(data)
    else if (message.kind === 'reload') this.#reload()
    else if (message.kind === 'welcome') this.#welcomed(message)
    else if (this.#phase === 'up') this.#options.heard(message)
  }

  #welcomed(message: Build & { server: string }): void {
    if (this.#phase !== 'connecting') return
    const age = compareBuilds(this.#options.build, message)
    if (age < 0) this.#reload()
    // Of an older one: it gives way by itself, having heard this page's hello.
    if (age !== 0) return
    clearTimeout(this.#again)
    this.#phase = 'up'
    void this.#watchOver(message.server)
    this.#options.up()
  }

  async #watchOver(server: string): Promise<void> {
    const { world, names } = this.#options
    const { signal } = this.#closing
    try {
      await whenFree(world.locks, names.server(server), signal)
    } catch (error) {
      if (!signal.aborted) this.#options.failed(`the browser gives no lock: ${error}`)
      return
    }
    if (this.#phase !== 'up') return
    this.#phase = 'connecting'
    this.#connect()
  }

  #reload(): void {
    this.#end('reload')
    this.#options.reload()
  }

  #end(phase: 'reload' | 'closed'): void {
    this.#phase = phase
    this.#closing.abort()
    this.#hangUp()
    this.#source.close()
    this.#freeTab()
  }

  close(): void {
    if (this.#phase === 'closed') return
    this.send({ kind: 'bye' })
    this.#end('closed')
  }
}
