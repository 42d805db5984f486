/** The `approval`, `pair`, `merge` and `reconcile` commands, as the command line sees them. */
import { Argument, type Command } from 'commander'
import type { GiveOptions, ListOptions, ReconcileOptions, RefuseOptions } from './decide.ts'
import type { AtNode } from './operator/ask-node.ts'
import { LISTED_DEFAULT } from './operator/limits.ts'
import { atNode, count } from './options.ts'
import type { Terminal } from './terminal.ts'

const load = () => import('./decide.ts')

export function addDecideCommands(program: Command, terminal: Terminal): void {
  addApproval(program, terminal)
  addPair(program, terminal)
  atNode(program.command('merge'))
    .argument('<survivor>', 'key of the record that stays')
    .argument('<other>', 'key of the record that goes into it')
    .description('make one of two records that are the same thing, and of their rows, at a running node')
    .addHelpText('after', '\nExamples:\n  $ skerry merge sites/4f1c… sites/77ab… --system crm')
    .action(async (survivor: string, other: string, options: AtNode) =>
      (await load()).merge([survivor, other], options, terminal),
    )
  atNode(program.command('reconcile'))
    .argument('[type]', 'only rows of this type; default: all that are mapped')
    .description(
      'compare all that a system has with what is here, and repair what differs, at a running node',
    )
    .option('--dry-run', 'only say what differs, by field, and what finding it costs')
    .option('--accept-deletions', 'also where more rows are missing than there are')
    .addHelpText(
      'after',
      '\nExamples:\n  $ skerry reconcile --dry-run\n  $ skerry reconcile cases --system crm',
    )
    .action(async (type: string | undefined, options: ReconcileOptions) =>
      (await load()).reconcile(type, options, terminal),
    )
}

function addApproval(program: Command, terminal: Terminal): void {
  const approval = program
    .command('approval')
    .description('look at writes that wait for approval, and let them go or refuse them, at a running node')
    .addHelpText(
      'after',
      '\nExamples:\n  $ skerry approval list\n  $ skerry approval give --all --type parts',
    )
  atNode(approval.command('list'))
    .description('writes of the tier reference, as they would be sent')
    .option('--type <type>', 'only those of rows of this type')
    .option('--limit <count>', 'writes at most of each system', count, LISTED_DEFAULT)
    .addHelpText('after', '\nExamples:\n  $ skerry approval list --system erp --json')
    .action(async (options: ListOptions) => (await load()).listApprovals(options, terminal))
  atNode(approval.command('give'))
    .argument('[records...]', 'keys of records, as `list` shows them')
    .description('let them go as they are now; one that changes before it is sent waits again')
    .option('--all', 'all of them')
    .option('--type <type>', 'only those of rows of this type')
    .option('--dry-run', 'only say what would be sent')
    .option('--by <name>', 'who approves: it stands in the audit log')
    .addHelpText(
      'after',
      '\nExamples:\n  $ skerry approval give --all --dry-run\n  $ skerry approval give parts/4f1c…',
    )
    .action(async (records: string[], options: GiveOptions) =>
      (await load()).giveApproval(records, options, terminal),
    )
  atNode(approval.command('refuse'))
    .argument('[records...]', 'keys of records, as `list` shows them')
    .description('they are not written as they are now, and whoever made the edits is told why')
    .option('--all', 'all of them')
    .option('--type <type>', 'only those of rows of this type')
    .option('--reason <text>', 'why: it stands in the receipt')
    .option('--by <name>', 'who refuses: it stands in the receipt and in the audit log')
    .option('--dry-run', 'only say what would not be sent')
    .addHelpText(
      'after',
      `
They are dead letters then: another edit of such a record waits for approval again, and so does it as it is after 'skerry dead retry'.

Examples:
  $ skerry approval refuse parts/4f1c… --reason 'We do not stock it' --by eve
  $ skerry approval refuse --all --type parts --dry-run`,
    )
    .action(async (records: string[], options: RefuseOptions) =>
      (await load()).refuseApproval(records, options, terminal),
    )
}

function addPair(program: Command, terminal: Terminal): void {
  const pair = program
    .command('pair')
    .description('look at rows and records that may be the same thing, and decide, at a running node')
    .addHelpText('after', '\nExamples:\n  $ skerry pair list\n  $ skerry pair decide cases CASES-7 different')
  atNode(pair.command('list'))
    .description('each row, and the records that it may be, the likeliest first')
    .option('--limit <count>', 'rows at most of each system', count, LISTED_DEFAULT)
    .addHelpText('after', '\nExamples:\n  $ skerry pair list --system crm')
    .action(async (options: ListOptions) => (await load()).listPairs(options, terminal))
  atNode(pair.command('decide'))
    .argument('<type>', 'type of the row')
    .argument('<row>', 'id of the row')
    .addArgument(new Argument('<answer>', 'whether it is the record').choices(['same', 'different']))
    .argument('[record]', 'which of them; may be left out where there is one, and for none of them')
    .description('say whether a row is a record')
    .addHelpText('after', '\nExamples:\n  $ skerry pair decide cases CASES-7 same jobs/4f1c…')
    .action(async (type: string, row: string, answer: string, record: string | undefined, options: AtNode) =>
      (await load()).decidePair([type, row, answer, record], options, terminal),
    )
}
