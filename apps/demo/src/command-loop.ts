/**
 * How the conductor speaks with a process of the story: one JSON object a line. Commands come in on stdin, `{ id, command, argument }`, answers go out on stdout,
 * `{ id, value }` or `{ id, error }`, in any order. When stdin ends the process ends too, so that nothing outlives a conductor that was killed.
 */
import { createInterface } from 'node:readline'

/** A command takes one argument that JSON can carry, and answers with such a value. */
export type Commands = Record<string, (argument: never) => unknown>

export interface Asked {
  id: number
  command: string
  argument?: unknown
}

export interface Answered {
  id: number
  value?: unknown
  error?: { name: string; message: string }
}

/** Serves until stdin ends or SIGTERM comes, then calls `ended`. */
export async function serveCommands(commands: Commands, ended: () => Promise<void>): Promise<void> {
  const lines = createInterface({ input: process.stdin })
  process.once('SIGTERM', () => lines.close())
  tell({ ready: true })
  for await (const line of lines) void answer(commands, JSON.parse(line) as Asked).then(tell)
  process.stdin.destroy()
  await ended()
}

async function answer(commands: Commands, { id, command, argument }: Asked): Promise<Answered> {
  try {
    const run = commands[command]
    if (!run) throw new TypeError(`there is no command '${command}'`)
    return { id, value: await run(argument as never) }
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    return { id, error: { name, message } }
  }
}

function tell(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
