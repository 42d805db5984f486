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

test('a process waits for a parent that is slow to read, and tells everything', async () => {
  const tell = new URL('errand.ts', import.meta.url).href
  // Whoever looks at it has made the pipe one that does not block.
  const script = `import { tell } from ${JSON.stringify(tell)}; process.stdout; const filler = 'x'.repeat(60_000); for (let line = 0; line < 40; line++) tell({ line, filler })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const gone = once(child, 'exit')
  let errors = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  // It has filled the pipe, and goes on or fails only now.
  await once(child.stdout!, 'readable')
  const told: unknown[] = []
  for await (const line of createInterface({ input: child.stdout! }))
    told.push((JSON.parse(line) as { line: number }).line)
  expect(errors).toBe('')
  expect(told).toEqual(Array.from({ length: 40 }, (_, line) => line))
  expect(await gone).toEqual([0, null])
})
