/** Runs the real command as a real process, with this test's Node. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Where skerry.config.ts of these tests is. */
export const configFolder = fileURLToPath(new URL('./config', import.meta.url))

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface RunOptions {
  folder?: string
  env?: Record<string, string>
  input?: string
}

export interface Done {
  code: number | null
  out: string
  err: string
}

function start(args: readonly string[], { folder, env }: RunOptions): ChildProcess {
  const { PATH, HOME, TMPDIR } = process.env
  return spawn(process.execPath, [main, ...args], {
    cwd: folder ?? configFolder,
    env: { ...(PATH && { PATH }), ...(HOME && { HOME }), ...(TMPDIR && { TMPDIR }), ...env },
    stdio: 'pipe',
  })
}

/** Resolves when the command has ended. */
export function skerry(args: readonly string[], options: RunOptions = {}): Promise<Done> {
  const child = start(args, options)
  child.stdin!.end(options.input ?? '')
  return ended(child)
}

function ended(child: ChildProcess): Promise<Done> {
  const done: Done = { code: null, out: '', err: '' }
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    done.out += text
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    done.err += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ ...done, code }))
  })
}

export interface Running {
  /** The log line that said it is ready. */
  ready: Record<string, unknown>
  /** Resolves with the first log line that says this, now or later. */
  says(message: string): Promise<Record<string, unknown>>
  stop(signal?: NodeJS.Signals): Promise<Done>
}

/** A command that runs until it is told to stop; resolves when it logs `readyMessage`. */
export async function startCommand(
  args: readonly string[],
  readyMessage: string,
  options: RunOptions,
): Promise<Running> {
  const child = start(args, options)
  const done = ended(child)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await done
  })
  let text = ''
  child.stdout!.on('data', (chunk: string) => {
    text += chunk
  })
  const says = (message: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const look = () => {
        const line = text.split('\n').find((one) => one.includes(`"${message}"`) && one.endsWith('}'))
        if (line) resolve(JSON.parse(line) as Record<string, unknown>)
      }
      child.stdout!.on('data', look)
      look()
      void done.then(({ code, err }) =>
        reject(new Error(`it ended with ${code} before it said "${message}": ${err}`)),
      )
    })
  return {
    ready: await says(readyMessage),
    says,
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return done
    },
  }
}

export interface RunningHub extends Running {
  url: string
  store: string
}

/** A hub as its own process. */
export async function startHub(options: RunOptions = {}): Promise<RunningHub> {
  const store = join(temporaryFolder(), 'hub.db')
  const running = await startCommand(['hub', '--store', store], 'hub ready', options)
  return { ...running, url: String(running.ready.url), store }
}
