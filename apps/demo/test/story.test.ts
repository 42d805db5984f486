/** The story from end to end, as whoever types `npm start -- --once` sees it: nine processes, and none of them left afterwards. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { commandLines } from './command-lines.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
/** Milliseconds: four times what the story takes on two cores. */
const STORY_MS_MAX = 120_000

interface Played {
  /** Everything the story makes is below it. */
  folder: string
  child: ChildProcess
  ended: Promise<{ code: number | null; out: string }>
  said(words: string): Promise<void>
}

function play(): Played {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-story-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const env = { ...process.env, TMPDIR: folder, NO_COLOR: '1' }
  const child = spawn(process.execPath, [main, '--once'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
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
  return { folder, child, ended, said }
}

function expectNothingLeft({ folder }: Played): void {
  expect(commandLines().filter((line) => line.includes(folder))).toEqual([])
  expect(readdirSync(folder)).toEqual([])
}

test('every claim of the story holds, and nothing is left of it', { timeout: STORY_MS_MAX }, async () => {
  const story = play()
  const { code, out } = await story.ended
  expect({ code, out }).toMatchObject({ code: 0 })
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
  expectNothingLeft(story)
})

test('stopped in the middle, it ends everybody and says that it was not played', {
  timeout: STORY_MS_MAX,
}, async () => {
  const story = play()
  await story.said('1 first sync')
  expect(commandLines().some((line) => line.includes(story.folder))).toBe(true)
  story.child.kill('SIGINT')
  expect((await story.ended).code).toBe(1)
  expectNothingLeft(story)
})
