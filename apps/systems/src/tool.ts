/** A command that runs to its end. */
import { execFile } from 'node:child_process'
import { TOOL_MS_MAX } from './limits.ts'
import type { Owner } from './owner.ts'

export interface Tool {
  env?: Record<string, string>
  owner?: Owner
  /** Written to its stdin. */
  input?: string
  timeoutMs?: number
  /** Aborted: it is asked to end, and has ended when the promise is rejected. */
  signal?: AbortSignal | undefined
}

/** What it printed. @throws with what it said when it failed; the signal's reason when that was aborted */
export function runTool(
  command: string,
  args: readonly string[],
  { env, owner, input, timeoutMs = TOOL_MS_MAX, signal }: Tool = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const options = {
      env: { ...process.env, ...env },
      ...owner,
      timeout: timeoutMs,
      maxBuffer: 64 * 1024 * 1024,
    }
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      signal?.removeEventListener('abort', end)
      if (signal?.aborted) reject(signal.reason)
      else if (!error) resolve(stdout)
      else reject(new Error(`${command} ${args.join(' ')}: ${stderr || error.message}`, { cause: error }))
    })
    const end = () => void child.kill('SIGTERM')
    signal?.addEventListener('abort', end)
    child.stdin?.end(input)
  })
}
