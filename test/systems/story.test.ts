/** The story of `npm start` with the real Tryton, as whoever types it sees it: every claim holds, and nothing is left of it. */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lackOf } from '@skerry/systems'
import { describe, expect, onTestFinished, test } from 'vitest'

const main = join(import.meta.dirname, '../../apps/demo/src/main.ts')
/** Milliseconds: four times what the story takes on two cores. */
const STORY_MS_MAX = 400_000

interface Ended {
  code: number | null
  out: string
}

function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out }))
  })
}

test('an ERP that there is not, and one that is not installed, are told with what to do', async () => {
  const unknown = await run(['--erp', 'sap'])
  expect(unknown).toEqual({ code: 2, out: expect.stringMatching(/there is no --erp sap\n.*--erp tryton/s) })
  // Without its commands on the search path it is as good as not there.
  const missing = await run(['--once', '--erp', 'tryton'], { PATH: '/nowhere' })
  expect(missing).toEqual({
    code: 2,
    out: expect.stringMatching(/tryton is not installed here: apt-get install .*tryton-server/),
  })
})

describe.skipIf(lackOf('tryton') !== undefined)('the story with Tryton', () => {
  test('every claim holds, and nothing is left', { timeout: STORY_MS_MAX }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skerry-story-'))
    // The database runs as another user, who must get through to its own folder.
    chmodSync(folder, 0o711)
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const { code, out } = await run(['--once', '--erp', 'tryton'], { TMPDIR: folder })
    expect({ code, out }).toMatchObject({ code: 0 })
    expect(out).toMatch(/(\d+) of \1 held/)
    expect(out).toContain('Tryton http://127.0.0.1:')
    expect(readdirSync(folder)).toEqual([])
    expect(execFileSync('ps', ['-A', '-o', 'args'], { encoding: 'utf8' })).not.toContain(folder)
  })
})
