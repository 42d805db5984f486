/**
 * The side of a process that is measured: it serves commands that come over Node's channel between parent and child, until the parent is gone. Values are
 * structured clones, so commands may take and give bytes and bigints.
 */
import { profiled } from './profile.ts'

/** A command takes one argument and answers with one value. */
export type Commands = Record<string, (argument: never) => unknown>

export interface Asked {
  id: number
  command: string
  argument: unknown
}

export interface Answered {
  id: number
  value?: unknown
  /** Message and stack of what was thrown. */
  error?: string
}

/** Called once, when every command is ready. Commands named in `measured` are profiled when the parent asks for profiles. */
export function serve(commands: Commands, measured: readonly string[] = []): void {
  process.on('message', (asked: Asked) => void answer(commands, measured, asked))
  process.once('disconnect', () => process.exit(0))
  process.send!({ ready: true })
}

async function answer(commands: Commands, measured: readonly string[], asked: Asked): Promise<void> {
  const { id, command, argument } = asked
  let answered: Answered
  try {
    const run = async () => commands[command]!(argument as never)
    answered = { id, value: await (measured.includes(command) ? profiled(command, run) : run()) }
  } catch (error) {
    answered = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
  process.send!(answered)
}
