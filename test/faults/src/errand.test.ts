import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

interface Started {
  child: ChildProcess
  /** The next line it tells. */
  line(): Promise<object>
}

function start(): Started {
  const script = fileURLToPath(new URL('hub-process.ts', import.meta.url))
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  return { child, line: async () => JSON.parse((await lines.next()).value as string) as object }
}

test('a process whose parent is gone ends by itself, before its errand and in the midst of it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-errand-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [standing, working] = [start(), start()]
  for (const { line } of [standing, working]) expect(await line()).toEqual({ standingBy: true })
  const errand = { store: join(folder, 'hub.db'), verify: [], tellAll: false }
  working.child.stdin!.write(`${JSON.stringify(errand)}\n`)
  expect(await working.line()).toMatchObject({ said: 'listening' })
  for (const { child } of [standing, working]) {
    const gone = once(child, 'exit')
    // What the system does with the pipe of a parent that was killed.
    child.stdin!.destroy()
    expect(await gone).toEqual([0, null])
  }
})
