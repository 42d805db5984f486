/** What to tell of bridges that do not run in the node that was asked. */
import type { Terminal } from './terminal.ts'

export function noteNotRunning(
  systems: readonly { system: string; running: boolean }[],
  terminal: Terminal,
): void {
  for (const { system, running } of systems)
    if (!running)
      terminal.note(
        `${system}: not running here just now; ask the node that has it, or see why in the log of this one`,
      )
}
