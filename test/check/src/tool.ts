// Runs one development tool of the workspace and hands back what it said. The tool comes from node_modules/.bin, and that
// folder stands first in its PATH, so that it runs on the Node of the project and not on the one of the machine.

import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'

/** Milliseconds. The slowest of them takes a few seconds; past two minutes it hangs. */
const TOOL_MS_MAX = 120_000
/** Bytes. A report of this size is a wrong configuration, not a list to read. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

export type ToolOutput = { readonly exitCode: number; readonly stdout: string; readonly stderr: string }

/** @throws Error when the tool cannot be started, hangs, or is killed: no answer is not a good answer. */
export function runTool(root: string, name: string, args: readonly string[]): ToolOutput {
  const bin = join(root, 'node_modules', '.bin')
  const { status, signal, stdout, stderr, error } = spawnSync(join(bin, name), args, {
    cwd: root,
    encoding: 'utf8',
    timeout: TOOL_MS_MAX,
    maxBuffer: OUTPUT_BYTES_MAX,
    env: {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
      NO_COLOR: '1',
      FORCE_COLOR: '0',
    },
  })
  const call = `${name} ${args.join(' ')}`
  if (error !== undefined)
    throw new Error(`could not run "${call}" in ${root} within ${TOOL_MS_MAX} ms`, { cause: error })
  if (status === null) throw new Error(`"${call}" was ended by ${signal}`)
  return { exitCode: status, stdout, stderr }
}

/** What a tool that failed without a single finding said, so that its complaint is not lost. */
export function lastWords({ exitCode, stdout, stderr }: ToolOutput): string {
  const said = `${stderr}\n${stdout}`.trim().split('\n').slice(0, 20).join('\n')
  return `ended with code ${exitCode} and no finding that could be read:\n${said}`
}
