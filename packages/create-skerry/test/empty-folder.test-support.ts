/** The command, called as a shell does, in an empty folder of its own. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Milliseconds; a command that takes longer hangs, and has no status. */
const COMMAND_MS_MAX = 60_000

const main = join(import.meta.dirname, '../src/main.ts')

export interface Created {
  status: number | null
  out: string
  said: string
}

export class EmptyFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'skerry-create-'))

  create(...words: readonly string[]): Created {
    return this.createBeside(process.env.PATH ?? '', ...words)
  }

  /** `path`: where other commands are looked for. */
  createBeside(path: string, ...words: readonly string[]): Created {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
      cwd: this.path,
      env: { ...process.env, PATH: path },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: COMMAND_MS_MAX,
    })
    return { status, out: stdout, said: stderr }
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
