/** `skerry hub`: runs the hub until it is told to stop (SIGTERM, SIGINT), then drains it. */
import type { Command } from 'commander'
import { acceptHelp, acceptOption, portNumber } from './options.ts'
import type { HubOptions } from './run-hub.ts'
import type { Terminal } from './terminal.ts'

export function addHubCommand(program: Command, terminal: Terminal): void {
  program
    .command('hub')
    .description('run the hub: sessions, API, health and metrics on one port')
    .option('--config <file>', 'config file; default: skerry.config.ts here')
    .option('--port <number>', 'port; 0 for any free one', portNumber)
    .option('--host <address>', 'address to listen on')
    .option('--store <path>', 'database file; made at the first start')
    .addOption(acceptOption())
    .option('--json', 'log JSON lines also to a terminal')
    .addHelpText(
      'after',
      `
Options override the config's hub: { port, host, store, accept }.
The first start makes <store>.authority.json (who signs credentials: back it up) and <store>.admin-token;
set SKERRY_ADMIN_TOKEN to bring your own. V8's young generation is bounded (--max-semi-space-size=8) unless you
set that option in NODE_OPTIONS. SIGTERM drains: sessions are told to come back, the store is closed, exit 0.
${acceptHelp}

Examples:
  $ skerry hub
  $ skerry hub --config deploy/skerry.config.ts --port 8080 --host 0.0.0.0 --store /var/lib/skerry/hub.db
  $ skerry hub --store /mnt/new-disk/hub.db --accept moved`,
    )
    .action(async (options: HubOptions) => (await import('./run-hub.ts')).runHub(options, terminal))
}
