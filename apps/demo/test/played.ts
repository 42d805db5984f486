/** The demo as whoever types `npm start -- …` starts it, in a folder that shows whether anything is left. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { processesOf } from './processes.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export interface Played {
  /** Everything the story makes is below it. */
  folder: string
  child: ChildProcess
  ended: Promise<{ code: number | null; out: string }>
  /** What it has said so far. */
  out(): string
  /** @throws when it ends without saying so */
  said(words: string): Promise<void>
}

export function play(args: readonly string[], env: Record<string, string> = {}): Played {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-story-'))
  // Servers may run as another user, who must get through to folders of their own.
  chmodSync(folder, 0o711)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, TMPDIR: folder, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const listeners = new Set<() => void>()
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text
      for (const listener of listeners) listener()
    })
  const ended = new Promise<{ code: number | null; out: string }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out }))
  })
  const said = (words: string) =>
    new Promise<void>((resolve, reject) => {
      listeners.add(() => out.includes(words) && resolve())
      void ended.then(() => reject(new Error(`it ended without saying '${words}': ${out}`)))
    })
  return { folder, child, ended, said, out: () => out }
}

export function expectNothingLeft({ folder }: Played): void {
  expect(processesOf(folder)).toEqual([])
  expect(readdirSync(folder)).toEqual([])
}

/** Every row of the table at the end held, and it has every step. */
export function expectAllHeld(out: string): void {
  const table = out.split('\n').filter((line) => / {2}ok +\d+$/.test(line))
  const steps = [
    '1 first sync',
    '2 offline edits',
    '3 office and rules',
    '4 adapter killed',
    '5 telemetry',
    '6 one edit',
  ]
  expect(table.map((line) => line.slice(0, 20).trim()).filter((step) => step !== '')).toEqual(steps)
  expect(out).toContain(`${table.length} of ${table.length} held`)
}
