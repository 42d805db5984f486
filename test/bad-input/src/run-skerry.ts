/** The `skerry` command as a process of its own. */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'

/** The command of @skerry/cli, beside what the package exports. */
const skerry = createRequire(import.meta.url)
  .resolve('@skerry/cli')
  .replace('index.ts', 'main.ts')

interface Done {
  code: number | null
  out: string
  err: string
}

export function runSkerry(args: readonly string[], folder: string): Promise<Done> {
  const child = spawn(process.execPath, [skerry, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const done: Done = { code: null, out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    done.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    done.err += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ ...done, code }))
  })
}
