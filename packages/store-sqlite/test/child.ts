/** Runs the committing process and hands over its lines. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('./committing-process.ts', import.meta.url))

export interface Ended {
  lines: string[]
  signal: NodeJS.Signals | null
  errors: string
}

/**
 * `args` are those of committing-process.ts. `onLine` is called with each line and may kill the process. `limits` is put before the command, as in `ulimit -f 100`.
 * Resolves when the process has ended and all it printed was read.
 */
export function runCommitting(
  args: readonly string[],
  onLine: (line: string, child: ChildProcess) => void,
  limits = ':',
): Promise<Ended> {
  const child = spawn('sh', ['-c', `${limits}; exec "$@"`, 'sh', process.execPath, script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    onLine(line, child)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (_code, signal) => resolve({ lines, signal, errors }))
  })
}
