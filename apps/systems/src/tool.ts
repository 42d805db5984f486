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
}

/** What it printed. @throws with what it said when it failed */
export function runTool(
  command: string,
  args: readonly string[],
  { env, owner, input, timeoutMs = TOOL_MS_MAX }: Tool = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      env: { ...process.env, ...env },
      ...owner,
      timeout: timeoutMs,
      maxBuffer: 64 * 1024 * 1024,
    }
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout)
      else reject(new Error(`${command} ${args.join(' ')}: ${stderr || error.message}`, { cause: error }))
    })
    child.stdin?.end(input)
  })
}
