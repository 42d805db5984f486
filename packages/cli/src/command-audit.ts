/** The `audit` commands, as the command line sees them. */
import type { Command } from 'commander'
import type { CutOptions, EraseOptions, VerifyOptions, WhyOptions } from './audit.ts'
import { atNode, days, onNode } from './options.ts'
import type { Terminal } from './terminal.ts'

const load = () => import('./audit.ts')

export function addAuditCommand(program: Command, terminal: Terminal): void {
  const audit = program
    .command('audit')
    .description('verify the log of what bridges did, ask it where a value comes from, at a running node')
    .addHelpText(
      'after',
      `
Examples:
  $ skerry audit verify --store /var/lib/skerry/crm.db
  $ skerry audit why crm cases/500A… Title
  $ skerry audit why crm jobs/4f1c… title --json`,
    )
  atNode(audit.command('verify'))
    .description(
      'whether every entry is there and as it was written; else exit code 1, and the first broken one',
    )
    .option('--noted <entry>', 'of --system: this entry was the newest once, and must still be in it')
    .addHelpText(
      'after',
      `
Whoever can write the store can write the whole log anew. Note the newest entry elsewhere, and give it with --noted the next time.

Examples:
  $ skerry audit verify
  $ skerry audit verify --system crm --noted 1024:9f86d0…`,
    )
    .action(async (options: VerifyOptions) => (await load()).verify(options, terminal))
  onNode(audit.command('why'))
    .argument('<system>', 'name of the bridge')
    .argument('<record or row>', 'key of a record, or type and id of a row: cases/500A…')
    .argument('[field]', "the record's name of it, or the row's; default: all that was done")
    .description('which edit or row, by whom, by which mapping, rule, call and answer brought a value')
    .option('--row', 'it is a row, also where a record has that key')
    .addHelpText(
      'after',
      `
Values that are not kept are recognised where the record, or the row, has them now.

Examples:
  $ skerry audit why crm cases/500A… Title
  $ skerry audit why crm jobs/4f1c… --store /var/lib/skerry/crm.db`,
    )
    .action(async (system: string, of: string, field: string | undefined, options: WhyOptions) => {
      await (await load()).why([system, of, field], options, terminal)
    })
  atNode(audit.command('cut'))
    .description('cut entries off at the old end; what is left can still be verified')
    .requiredOption('--older-than <days>', 'entries older than this go', days)
    .option('--by <name>', 'who cuts: it stands in the log')
    .addHelpText('after', '\nExamples:\n  $ skerry audit cut --older-than 365 --by ana')
    .action(async (options: CutOptions) => (await load()).cut(options, terminal))
  atNode(audit.command('erase'))
    .argument('<record>', 'key of a record that is deleted here and there')
    .description('take away what is kept of what a deleted record said')
    .option('--by <name>', 'who erases: it stands in the log')
    .addHelpText(
      'after',
      `
Its entries stay in the log, without a way to tell what values they speak of.

Examples:
  $ skerry audit erase jobs/4f1c… --by 'privacy desk'`,
    )
    .action(async (record: string, options: EraseOptions) => (await load()).erase(record, options, terminal))
}
