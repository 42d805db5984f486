/** `skerry inspect`: what a store holds, while its node runs or after. */
import { resolve } from 'node:path'
import { Argument, type Command } from 'commander'
import { CliError } from './cli-error.ts'
import type { InspectOptions } from './inspect.ts'
import { count } from './options.ts'
import { type Question, questionNames } from './question.ts'
import type { Terminal } from './terminal.ts'

/** Rows printed when nobody says. */
const ROWS_DEFAULT = 50

export function addInspectCommand(program: Command, terminal: Terminal): void {
  program
    .command('inspect')
    .argument('<store>', 'the database file')
    .addArgument(new Argument('[what]', 'what to look at').choices(questionNames).default('summary'))
    .description('show what a store holds; safe beside a running node')
    .option('--collection <name>', 'only this collection (records, heads)')
    .option('--after <key>', 'go on after this record key (records, heads) or sequence (log)')
    .option('--limit <count>', 'rows at most', count, ROWS_DEFAULT)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
What:
  summary   log, runs, sizes, collections      cursors   how far others were read, and have acknowledged
  records   values and channels                channels  entries in each channel
  heads     heads, actors and operations       sizes     rows of each table
  log       entries in their order             verify    every checksum and index, read in full
  quarantine  records that are not loaded because that did harm

Examples:
  $ skerry inspect ./hub.db
  $ skerry inspect ./gateway.db records --collection jobs --limit 5 --json`,
    )
    .action(async (store: string, what: Question, options: InspectOptions & { json?: boolean }) => {
      const { questions } = await import('./inspect.ts')
      const { data, text, problems = 0 } = questions[what](resolve(terminal.folder, store), options)
      terminal.print(options.json ? JSON.stringify(data) : text)
      if (problems > 0)
        throw new CliError(
          'store',
          `${store}: ${problems} problems; restore it from a backup, or sync a new store from the hub`,
        )
    })
}
