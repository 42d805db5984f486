/** Runs the real command as a real process, with this test's Node. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export function configFolder(name: string): string {
  return fileURLToPath(new URL(`./configs/${name}`, import.meta.url))
}

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
    cwd: folder ?? configFolder('good'),
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

export interface RunningHub {
  url: string
  store: string
  stop(signal?: NodeJS.Signals): Promise<Done>
}

/** A hub as its own process; resolves when it says it is ready. */
export async function startHub(
  args: readonly string[] = [],
  options: RunOptions & { store?: string } = {},
): Promise<RunningHub> {
  const store = options.store ?? join(temporaryFolder(), 'hub.db')
  const child = start(['hub', '--store', store, ...args], options)
  const done = ended(child)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await done
  })
  const url = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout!.on('data', (chunk: string) => {
      text += chunk
      const ready = text.split('\n').find((line) => line.includes('"hub ready"') && line.endsWith('}'))
      if (ready) resolve((JSON.parse(ready) as { url: string }).url)
    })
    void done.then(({ code, err }) =>
      reject(new Error(`the hub ended with ${code} before it was ready: ${err}`)),
    )
  })
  return {
    url,
    store,
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return done
    },
  }
}
