/** One tab at the server: its calls, its watches, and the end of both. */
import type { LiveError, LiveReplica, Splice, Stop } from '@skerry/live'
import { inParts } from './in-parts.ts'
import { CALLS_MAX, WATCHES_MAX } from './limits.ts'
import type { ToPage, ToServer, WireError } from './messages.ts'
import { type CallName, fitsCall, fitsWatch, type WatchName } from './methods.ts'
import { toWire } from './wire-error.ts'

interface Parts {
  live(): Promise<LiveReplica>
  say(message: ToPage): void
  bye(): void
}

type Telling = (value: unknown) => void

export class ServedTab {
  readonly #parts: Parts
  readonly #calls = new Map<number, AbortController>()
  readonly #watches = new Map<number, Stop>()
  #ended = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  hear(message: ToServer): void {
    if (this.#ended) return
    if (message.kind === 'call') void this.#call(message)
    else if (message.kind === 'watch') void this.#watch(message)
    else if (message.kind === 'abort') this.#calls.get(message.id)?.abort()
    else if (message.kind === 'stop') this.#stop(message.id)
    else if (message.kind === 'wake') this.#wake()
    else if (message.kind === 'bye') this.#parts.bye()
  }

  async #call({ id, name, args }: { id: number; name: CallName; args: readonly unknown[] }): Promise<void> {
    if (!fitsCall(name, args)) return this.#say({ kind: 'failed', id, error: malformed(name) })
    if (this.#calls.size >= CALLS_MAX) return this.#say({ kind: 'failed', id, error: tooMany(name) })
    const ending = new AbortController()
    this.#calls.set(id, ending)
    try {
      const live = await this.#parts.live()
      this.#say({ kind: 'done', id, value: await answer(live, name, args, ending.signal) })
    } catch (error) {
      this.#say({ kind: 'failed', id, error: toWire(error) })
    } finally {
      this.#calls.delete(id)
    }
  }

  async #watch({ id, name, args }: { id: number; name: WatchName; args: readonly unknown[] }): Promise<void> {
    if (!fitsWatch(name, args)) return this.#say({ kind: 'ended', id, error: malformed(name) })
    if (this.#watches.size >= WATCHES_MAX) return this.#say({ kind: 'ended', id, error: tooMany(name) })
    this.#watches.set(id, () => undefined)
    const failed = (error: unknown) => {
      if (this.#watches.delete(id)) this.#say({ kind: 'ended', id, error: toWire(error) })
    }
    try {
      const live = await this.#parts.live()
      if (!this.#watches.has(id)) return
      const told = (value: unknown) => this.#tell(id, name, value)
      const stop = begin(live, name, args, told, failed)
      if (this.#watches.has(id)) this.#watches.set(id, stop)
      else stop()
    } catch (error) {
      failed(error)
    }
  }

  #tell(id: number, name: WatchName, value: unknown): void {
    if (!this.#watches.has(id)) return
    const values = name === 'watch' ? inParts(value as Splice) : [value]
    for (const one of values) this.#say({ kind: 'told', id, value: one })
  }

  #stop(id: number): void {
    const stop = this.#watches.get(id)
    this.#watches.delete(id)
    stop?.()
  }

  #wake(): void {
    this.#parts.live().then(
      (live) => live.wake(),
      // Whoever asks for something hears why.
      () => undefined,
    )
  }

  #say(message: ToPage): void {
    if (!this.#ended) this.#parts.say(message)
  }

  /** The tab has gone: what only it waited for ends. Edits under way go on. */
  end(): void {
    this.#ended = true
    for (const ending of this.#calls.values()) ending.abort()
    for (const stop of this.#watches.values()) stop()
    this.#watches.clear()
  }
}

function answer(
  live: LiveReplica,
  name: CallName,
  args: readonly unknown[],
  signal: AbortSignal,
): Promise<unknown> {
  if (name === 'identity') return live.identity
  const given = name === 'saved' ? [...args, signal] : args
  return (live[name] as (...args: unknown[]) => Promise<unknown>).apply(live, [...given])
}

function begin(
  live: LiveReplica,
  name: WatchName,
  args: readonly unknown[],
  told: Telling,
  failed: (error: LiveError) => void,
): Stop {
  return (live[name] as (...args: unknown[]) => Stop).call(live, ...args, told, failed)
}

function malformed(name: string): WireError {
  return {
    name: 'LiveError',
    code: 'malformed-message',
    message: `${name} was asked with arguments that are none`,
  }
}

function tooMany(name: string): WireError {
  return { name: 'LiveError', code: 'too-many', message: `${name}: this tab has too many under way` }
}
