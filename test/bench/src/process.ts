/** A process of a measurement, seen from the parent: each of its commands is a method, every wait has an end, and none outlives the parent. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answered, Commands, everywhere } from './serve.ts'
import { within } from './within.ts'

/** Milliseconds to load Node, the engine and SQLite on a machine that does much else. */
const READY_MS_MAX = 30_000
/** Milliseconds for one command: the longest is to write 100,000 records. */
const COMMAND_MS_MAX = 600_000
/** Milliseconds for a process to end after it was told to. */
const END_MS_MAX = 10_000

type Remote<Of extends Commands> = {
  [Name in keyof Of]: (...argument: Parameters<Of[Name]>) => Promise<Awaited<ReturnType<Of[Name]>>>
}

/** `call` of a process: what it serves, and what every process can do. */
export interface Measured<Of extends Commands = Record<never, never>> {
  /** For people. */
  readonly name: string
  readonly call: Remote<Of & typeof everywhere>
  /** Resolves when the process is gone. */
  end(): Promise<void>
}

/** `script` is a file of this folder, `flags` are Node's. */
export async function startProcess<Of extends Commands>(
  script: string,
  flags: readonly string[] = [],
): Promise<Measured<Of>> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), {
    serialization: 'advanced',
    execArgv: ['--expose-gc', ...flags],
  })
  const killWithParent = () => child.kill('SIGKILL')
  process.on('exit', killWithParent)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', killWithParent)
      resolve()
    })
  })
  const channel = new Channel(script, child)
  await within(READY_MS_MAX, `${script} to be ready`, channel.ready)
  return {
    name: script.replace('-process.ts', ''),
    call: new Proxy({} as Remote<Of & typeof everywhere>, {
      get: (_, command) => (argument: unknown) => channel.ask(String(command), argument),
    }),
    async end() {
      if (child.connected) child.disconnect()
      try {
        await within(END_MS_MAX, `${script} to end`, ended)
      } finally {
        child.kill('SIGKILL')
      }
    },
  }
}

class Channel {
  readonly ready: Promise<void>
  readonly #script: string
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answered: Answered) => void>()
  #asked = 0

  constructor(script: string, child: ChildProcess) {
    this.#script = script
    this.#child = child
    this.ready = new Promise((resolve, reject) => {
      child.once('message', () => {
        child.on('message', (answered: Answered) => this.#heard(answered))
        resolve()
      })
      child.once('exit', (code, signal) => {
        const error = `${script} ended with ${signal ?? code}`
        reject(new Error(error))
        for (const id of [...this.#waiting.keys()]) this.#heard({ id, error })
      })
    })
  }

  async ask(command: string, argument: unknown): Promise<unknown> {
    const id = ++this.#asked
    const { value, error } = await within(
      COMMAND_MS_MAX,
      `${this.#script} to answer ${command}`,
      new Promise<Answered>((resolve) => {
        this.#waiting.set(id, resolve)
        this.#child.send({ id, command, argument })
      }),
    )
    if (error !== undefined) throw new Error(`${this.#script}, ${command}: ${error}`)
    return value
  }

  #heard(answered: Answered): void {
    this.#waiting.get(answered.id)?.(answered)
    this.#waiting.delete(answered.id)
  }
}
