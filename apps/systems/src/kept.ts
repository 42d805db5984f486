/** A server that a keeper keeps: started, listened to, and ended for certain. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { LINES_KEPT_MAX, READY_MS_MAX } from './limits.ts'
import type { Owner } from './owner.ts'

export interface Keeping {
  /** For people. */
  name: string
  command: string
  args: readonly string[]
  env: Record<string, string>
  owner: Owner
  endSignal: NodeJS.Signals
  /** Its working folder, removed when it has ended. */
  folder?: string
}

const keeper = fileURLToPath(new URL('keeper.ts', import.meta.url))

export class Kept {
  readonly name: string
  readonly lines: string[] = []
  /** Resolves when it is gone. */
  readonly ended: Promise<void>
  readonly #process: ChildProcessWithoutNullStreams
  readonly #listeners = new Set<(line: string) => void>()

  constructor(keeping: Keeping) {
    this.name = keeping.name
    this.#process = spawn(process.execPath, [keeper, JSON.stringify(keeping)], {
      stdio: 'pipe',
      detached: true,
    })
    this.ended = new Promise((resolve, reject) => {
      this.#process.once('error', reject)
      this.#process.once('close', () => resolve())
    })
    // A keeper that was killed breaks its pipe; `ended` tells.
    this.#process.stdin.on('error', () => undefined)
    for (const stream of [this.#process.stdout, this.#process.stderr])
      createInterface({ input: stream }).on('line', (line) => this.#heard(line))
  }

  /**
   * What `read` finds in the first line in which it finds something. @throws with its last words when it ends before, or takes too long, and the signal's reason when that is aborted; then it has
   * ended, too
   */
  async ready<Found>(read: (line: string) => Found | undefined, signal?: AbortSignal): Promise<Found> {
    try {
      return await this.#line(read, signal)
    } catch (error) {
      await this.end()
      throw error
    }
  }

  #line<Found>(read: (line: string) => Found | undefined, signal?: AbortSignal): Promise<Found> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const settle = (act: () => void) => {
        this.#listeners.delete(look)
        signal?.removeEventListener('abort', leave)
        clearTimeout(timer)
        act()
      }
      const leave = () => settle(() => reject(signal?.reason))
      signal?.addEventListener('abort', leave)
      const fail = (why: string) =>
        settle(() => reject(new Error(`${this.name} ${why}:\n${this.lines.join('\n')}`)))
      const look = (line: string) => {
        const found = read(line)
        if (found !== undefined) settle(() => resolve(found))
      }
      const timer = setTimeout(() => fail(`was not ready within ${READY_MS_MAX} ms`), READY_MS_MAX)
      this.#listeners.add(look)
      this.ended.then(() => fail('ended before it was ready'), reject)
      for (const line of this.lines) look(line)
    })
  }

  async end(): Promise<void> {
    this.#process.stdin.end()
    await this.ended
  }

  #heard(line: string): void {
    this.lines.push(line)
    if (this.lines.length > LINES_KEPT_MAX) this.lines.shift()
    for (const listener of this.#listeners) listener(line)
  }
}
