/** What these tests do on a machine that has none of the systems: they are skipped, one line says how to get it; in a pipeline they fail. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')

async function run(env: Record<string, string>): Promise<{ code: number | null; out: string }> {
  const args = [vitest, 'run', '--config', 'vitest.systems.config.ts', 'test/systems/tryton-lines.test.ts']
  // Without its commands on the search path a system is as good as not there.
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { NO_COLOR: '1', PATH: '/nowhere', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { code, out }
}

const line = /^.*tryton is not installed here: apt-get install .*tryton-server.*$/gm

test('without Tryton its tests are skipped, and one line says how to get it', async () => {
  const { code, out } = await run({})
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/Tests +\d+ skipped/) })
  expect(out.match(line)).toHaveLength(1)
})

test('in a pipeline that is a failure, and says the same', async () => {
  const { code, out } = await run({ CI: 'true' })
  expect({ code, out }).toMatchObject({ code: 1, out: expect.stringMatching(line) })
  expect(out).toContain('under CI=true')
})
