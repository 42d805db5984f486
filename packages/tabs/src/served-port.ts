/** A port of one tab at the server: its calls, its watches, and the end of both. */
import type { LiveError, Splice, Stop } from '@skerry/live'
import { inParts } from './in-parts.ts'
import { CALLS_MAX, WATCHES_MAX } from './limits.ts'
import type { Answered, Asked, WireError } from './messages.ts'
import { fitsCall, fitsWatch, type Methods } from './methods.ts'
import { toWire } from './wire-error.ts'

interface Parts {
  methods: Methods
  /** What has the methods. */
  target(): Promise<object>
  say(message: Answered): void
}

type Target = Readonly<Record<string, unknown>>

export class ServedPort {
  readonly #parts: Parts
  readonly #calls = new Map<number, AbortController>()
  readonly #watches = new Map<number, Stop>()
  #ended = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  hear(message: Asked): void {
    if (this.#ended) return
    if (message.kind === 'call') void this.#call(message)
    else if (message.kind === 'watch') void this.#watch(message)
    else if (message.kind === 'abort') this.#calls.get(message.id)?.abort()
    else this.#stop(message.id)
  }

  async #call({ id, name, args }: Asked & { kind: 'call' }): Promise<void> {
    if (!fitsCall(this.#parts.methods, name, args))
      return this.#say({ kind: 'failed', id, error: malformed(name) })
    if (this.#calls.size >= CALLS_MAX) return this.#say({ kind: 'failed', id, error: tooMany(name) })
    const ending = new AbortController()
    this.#calls.set(id, ending)
    try {
      const target = (await this.#parts.target()) as Target
      this.#say({ kind: 'done', id, value: await answer(target, name, args, ending.signal) })
    } catch (error) {
      this.#say({ kind: 'failed', id, error: toWire(error) })
    } finally {
      this.#calls.delete(id)
    }
  }

  async #watch({ id, name, args }: Asked & { kind: 'watch' }): Promise<void> {
    if (!fitsWatch(this.#parts.methods, name, args))
      return this.#say({ kind: 'ended', id, error: malformed(name) })
    if (this.#watches.size >= WATCHES_MAX) return this.#say({ kind: 'ended', id, error: tooMany(name) })
    this.#watches.set(id, () => undefined)
    const failed = (error: unknown) => {
      if (this.#watches.delete(id)) this.#say({ kind: 'ended', id, error: toWire(error) })
    }
    try {
      const target = (await this.#parts.target()) as Target
      if (!this.#watches.has(id)) return
      const told = (value: unknown) => this.#tell(id, name, value)
      const stop = begin(target, name, args, told, failed)
      if (this.#watches.has(id)) this.#watches.set(id, stop)
      else stop()
    } catch (error) {
      failed(error)
    }
  }

  #tell(id: number, name: string, value: unknown): void {
    if (!this.#watches.has(id)) return
    const values = name === 'watch' ? inParts(value as Splice) : [value]
    for (const one of values) this.#say({ kind: 'told', id, value: one })
  }

  #stop(id: number): void {
    const stop = this.#watches.get(id)
    this.#watches.delete(id)
    stop?.()
  }

  #say(message: Answered): void {
    if (!this.#ended) this.#parts.say(message)
  }

  /** What only this tab waited for ends. Edits under way go on. */
  end(): void {
    this.#ended = true
    for (const ending of this.#calls.values()) ending.abort()
    for (const stop of this.#watches.values()) stop()
    this.#watches.clear()
  }
}

async function answer(
  target: Target,
  name: string,
  args: readonly unknown[],
  signal: AbortSignal,
): Promise<unknown> {
  if (name === 'identity') return target.identity
  const given = name === 'saved' ? [...args, signal] : args
  return (target[name] as (...args: unknown[]) => Promise<unknown>).apply(target, [...given])
}

function begin(
  target: Target,
  name: string,
  args: readonly unknown[],
  told: (value: unknown) => void,
  failed: (error: LiveError) => void,
): Stop {
  return (target[name] as (...args: unknown[]) => Stop).call(target, ...args, told, failed)
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
