/** The `dead` commands, as the command line sees them. */
import type { Command } from 'commander'
import type { ListOptions, RetryOptions } from './dead.ts'
import { LISTED_DEFAULT } from './operator/limits.ts'
import { atNode, count } from './options.ts'
import type { Terminal } from './terminal.ts'

const load = () => import('./dead.ts')

export function addDeadCommand(program: Command, terminal: Terminal): void {
  const dead = program
    .command('dead')
    .description(
      'look at writes that a system refuses, what waits for them, and rows that could not be taken in, and try again, at a running node',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ skerry dead list --store /var/lib/skerry/crm.db
  $ skerry dead retry --all --reason 'Region is required' --dry-run
  $ skerry dead retry jobs/4f1c… jobs/77ab…`,
    )
  atNode(dead.command('list'))
    .description(
      'dead letters, rows that could not be taken in, and records that wait for the rows of others, with the reasons',
    )
    .option('--limit <count>', 'rows at most of each system', count, LISTED_DEFAULT)
    .addHelpText('after', '\nExamples:\n  $ skerry dead list\n  $ skerry dead list --system crm --json')
    .action(async (options: ListOptions) => (await load()).list(options, terminal))
  atNode(dead.command('retry'))
    .argument('[records...]', 'keys of records, or rows, as `list` shows them')
    .description('try dead letters again, as their records are now, and read rows again')
    .option('--all', 'all of them')
    .option('--reason <text>', 'with --all: whose reason contains this')
    .option('--type <type>', 'with --all: whose rows are of this type in the system')
    .option('--dry-run', 'only say what would be sent')
    .option('--by <name>', 'who has them tried again: it stands in the audit log')
    .addHelpText(
      'after',
      `
What they wait for goes on by itself when they succeed. What is named and is neither a dead letter nor an unread row is an error, and nothing is tried then.

Examples:
  $ skerry dead retry --all --dry-run
  $ skerry dead retry jobs/4f1c… --store /var/lib/skerry/crm.db
  $ skerry dead retry cases/500A…`,
    )
    .action(async (records: string[], options: RetryOptions) => {
      await (await load()).retry(records, options, terminal)
    })
}
