/** `skerry bridge`: runs an adapter node until it is told to stop. */
import type { Command } from 'commander'
import type { CheckFlags } from './check-bridge.ts'
import { CliError } from './cli-error.ts'
import { acceptHelp, acceptOption, atNode, count, sessionUrl } from './options.ts'
import { PLAN_LINES, type PlanFlags } from './plan-flags.ts'
import type { BridgeOptions } from './run-bridge.ts'
import type { StatusOptions } from './status.ts'
import type { Terminal } from './terminal.ts'

export function addBridgeCommand(program: Command, terminal: Terminal): void {
  const bridge = program.command('bridge')
  bridge
    // What stands behind a command below belongs to that.
    .enablePositionalOptions()
    .argument('[name]', 'only this bridge of the config; default: all of them')
    .description('run the bridges of the config: an adapter node between the hub and external systems')
    .option('--hub <url>', 'the hub: wss://hub.example/sync', sessionUrl)
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
    .action(async (name: string | undefined, { hub, ...options }: Partial<BridgeOptions> & Flags) => {
      if (hub === undefined) throw new CliError('usage', 'say which hub: --hub wss://hub.example/sync')
      const { runBridge } = await import('./run-bridge.ts')
      await runBridge(name, { hub, ...options }, terminal)
    })
  addCheck(bridge, terminal)
  addPlan(bridge, terminal)
  addStatus(bridge, terminal)
}

type Flags = Omit<BridgeOptions, 'hub'>

function addCheck(bridge: Command, terminal: Terminal): void {
  bridge
    .command('check')
    .argument('[name]', 'only this bridge of the config; default: all of them')
    .description(
      "hold the config against the systems' schemas, and propose what could be mapped besides; nothing is written",
    )
    .option('--config <file>', 'config file; default: skerry.config.ts here')
    .option('--all-types', 'also propose types that no mapping names: some systems describe them slowly')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Errors end it with exit code 3, warnings do not. A system that does not answer is 6, one that does not know us 4. What is proposed has a score from 0 to 1
and is YAML that can be pasted into a mapping file.

Examples:
  $ skerry bridge check
  $ skerry bridge check crm --all-types --config /etc/skerry/skerry.config.ts`,
    )
    .action(async (name: string | undefined, options: CheckFlags) => {
      const { checkBridges } = await import('./check-bridge.ts')
      await checkBridges(name, options, terminal)
    })
}

function addStatus(bridge: Command, terminal: Terminal): void {
  atNode(bridge.command('status'))
    .description(
      'how the bridges of a running node stand: what waits and for what, and which mappings are paused and why',
    )
    .option('--metrics', 'print it as Prometheus reads it, for a textfile collector')
    .addHelpText(
      'after',
      `
A mapping is paused while it does not fit the schema of its system. Everything else goes on, and it does so too once it fits again.

Examples:
  $ skerry bridge status --store /var/lib/skerry/crm.db
  $ skerry bridge status --metrics > /var/lib/node_exporter/skerry.prom`,
    )
    .action(async (options: StatusOptions) => {
      const { status } = await import('./status.ts')
      await status(options, terminal)
    })
}

function addPlan(bridge: Command, terminal: Terminal): void {
  bridge
    .command('plan')
    .argument('[name]', 'only this bridge of the config; default: all of them')
    .description(
      'a dry run: what a first run, or the next one, would make, change, pass over and hold, and what it costs',
    )
    .option('--store <path>', 'database file of the node, which may run meanwhile', 'bridge.db')
    .option('--config <file>', 'config file; default: skerry.config.ts here')
    .option('--lines <count>', 'lines of each mapping', count, PLAN_LINES)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The run is made on a copy of the store, and writes to the system are answered here: neither is changed. The system is read as in a run, within the
budget of the config.

Examples:
  $ skerry bridge plan
  $ skerry bridge plan crm --store /var/lib/skerry/crm.db --lines 100`,
    )
    .action(async (name: string | undefined, options: PlanFlags) => {
      const { planBridges } = await import('./plan-bridge.ts')
      await planBridges(name, options, terminal)
    })
}
