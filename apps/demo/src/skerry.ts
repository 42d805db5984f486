/** The `skerry` command, as an operator runs it. */
import { fileURLToPath } from 'node:url'
import type { Cast } from './cast.ts'
import { type Child, wordsFor } from './child.ts'

const command = fileURLToPath(new URL('main.ts', import.meta.resolve('@skerry/cli')))
const config = fileURLToPath(new URL('../skerry.config.ts', import.meta.url))

export function start(
  cast: Cast,
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Child {
  return cast.start({ name, args: [command, ...args, '--config', config], env })
}

/** Waits for the log line with this message; its fields. */
export function logged(child: Child, message: string): Promise<Record<string, unknown>> {
  return child.line((line) => {
    if (!line.startsWith('{')) return undefined
    const fields = JSON.parse(line) as Record<string, unknown>
    return fields.msg === message ? fields : undefined
  })
}

/** Runs a command to its end; what it printed. @throws when it failed */
export async function run(cast: Cast, args: readonly string[]): Promise<string> {
  const child = cast.start({ name: `skerry ${args.slice(0, 2).join(' ')}`, args: [command, ...args] })
  const ending = await child.ended
  const said = child.lines.join('\n')
  if (ending.code !== 0) throw new Error(`${child.name} ended (${wordsFor(ending)}): ${said}`)
  return said
}
