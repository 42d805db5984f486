/** A credential given on the command line: a file, `-` for standard input, or the token itself. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { TOKEN_LENGTH_MAX } from '@skerry/credentials'
import { CliError } from './cli-error.ts'
import type { Terminal } from './terminal.ts'

/** @throws CliError `usage` */
export async function readTokenArgument(given: string, terminal: Terminal): Promise<string> {
  if (given === '-') return (await terminal.readStdin()).trim()
  const path = resolve(terminal.folder, given)
  if (existsSync(path)) {
    const { size } = statSync(path)
    if (size > 2 * TOKEN_LENGTH_MAX)
      throw new CliError(
        'usage',
        `${given}: ${size} bytes, a token has at most ${TOKEN_LENGTH_MAX} characters`,
      )
    return readFileSync(path, 'utf8').trim()
  }
  if (given.split('.').length === 3) return given
  throw new CliError(
    'usage',
    `${given.slice(0, 80)}: neither a file nor a token; use - to read one from standard input`,
  )
}
