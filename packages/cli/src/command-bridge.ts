/** `skerry bridge`: runs an adapter node until it is told to stop. */
import type { Command } from 'commander'
import { acceptHelp, acceptOption, sessionUrl } from './options.ts'
import type { BridgeOptions } from './run-bridge.ts'
import type { Terminal } from './terminal.ts'

export function addBridgeCommand(program: Command, terminal: Terminal): void {
  program
    .command('bridge')
    .argument('[name]', 'only this bridge of the config; default: all of them')
    .description('run the bridges of the config: an adapter node between the hub and external systems')
    .requiredOption('--hub <url>', 'the hub: wss://hub.example/sync', sessionUrl)
    .option('--store <path>', 'database file of this node; made at the first start', 'bridge.db')
    .option('--credential <file>', 'credential of this node; needed once')
    .option('--config <file>', 'config file; default: skerry.config.ts here')
    .addOption(acceptOption())
    .option('--no-lease', 'act for the systems without asking the hub: only where no other node could')
    .option('--json', 'log JSON lines also to a terminal')
    .addHelpText(
      'after',
      `
Several nodes may run the same bridges: the hub lends each system to one of them, and another one takes over within ten seconds when it dies.
The first start without a credential makes the node's key and prints how to get one. SIGTERM ends the calls under way and closes the store.
${acceptHelp}

Examples:
  $ skerry bridge --hub wss://hub.example/sync --credential bridge.token
  $ skerry bridge crm --hub ws://127.0.0.1:7070/sync --store /var/lib/skerry/crm.db
  $ skerry bridge --hub wss://hub.example/sync --accept restored`,
    )
    .action(async (name: string | undefined, options: BridgeOptions) => {
      const { runBridge } = await import('./run-bridge.ts')
      await runBridge(name, options, terminal)
    })
}
