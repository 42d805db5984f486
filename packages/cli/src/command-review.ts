/** The `review` commands, as the command line sees them. */
import { Argument, type Command } from 'commander'
import { LISTED_DEFAULT } from './operator/limits.ts'
import { atNode, count } from './options.ts'
import type { ListOptions, ResolveOptions, Side } from './review.ts'
import type { Terminal } from './terminal.ts'

const load = () => import('./review.ts')

export function addReviewCommand(program: Command, terminal: Terminal): void {
  const review = program
    .command('review')
    .description('look at conflicts that wait for a person, and decide them, at a running node')
    .addHelpText(
      'after',
      `
Examples:
  $ skerry review list --store /var/lib/skerry/crm.db
  $ skerry review resolve jobs/4f1c… 8a01… theirs --by ana
  $ skerry review resolve jobs/4f1c… 8a01… --value '"Portland"'`,
    )
  atNode(review.command('list'))
    .description('both values, who and when, and the value in each system')
    .option('--record <key>', 'only those of this record')
    .option('--after <key>', 'go on after this record')
    .option('--limit <count>', 'records at most of each system', count, LISTED_DEFAULT)
    .addHelpText(
      'after',
      '\nExamples:\n  $ skerry review list\n  $ skerry review list --record jobs/4f1c… --json',
    )
    .action(async (options: ListOptions) => (await load()).list(options, terminal))
  atNode(review.command('resolve'))
    .argument('<record>', 'key of the record')
    .argument('<version>', 'what was read, as `list` shows it: a decision about other values is refused')
    .addArgument(new Argument('[side]', 'whose value stands on both sides').choices(['ours', 'theirs']))
    .description('decide a conflict as it was read')
    .option('--value <json>', 'neither: this value, JSON; null empties the field')
    .option('--by <name>', 'who decides: it stands in the receipt')
    .addHelpText(
      'after',
      `
Examples:
  $ skerry review resolve jobs/4f1c… 8a01… ours --by ana
  $ skerry review resolve jobs/4f1c… 8a01… --value 42 --store /var/lib/skerry/crm.db`,
    )
    .action(async (record: string, version: string, side: Side | undefined, options: ResolveOptions) => {
      await (await load()).resolve([record, version, side], options, terminal)
    })
}
