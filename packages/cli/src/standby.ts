/** What to tell of bridges whose systems another node has. */
import type { Terminal } from './terminal.ts'

export function noteStandby(
  systems: readonly { system: string; standby: boolean }[],
  terminal: Terminal,
): void {
  for (const { system, standby } of systems)
    if (standby) terminal.note(`${system}: on standby here; ask the node that has it`)
}
