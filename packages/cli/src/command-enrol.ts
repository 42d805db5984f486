/** `skerry enrol`, as the command line sees it. */
import type { Command } from 'commander'
import type { EnrolOptions } from './enrol.ts'
import { days, minutes, nameList } from './options.ts'
import type { Terminal } from './terminal.ts'

export function addEnrolCommand(program: Command, terminal: Terminal): void {
  program
    .command('enrol')
    .description('make a code, used once, by which a new device gets its credential; in a terminal as QR too')
    .requiredOption('--subject <name>', 'who this is, for people: tech:ana')
    .option('--read <channels>', "channels it may read, comma between; '*' for all", nameList, [])
    .option('--write <channels>', "channels it may write, comma between; '*' for all", nameList, [])
    .option('--systems <names>', 'external systems it is the adapter node of', nameList, [])
    .option('--minutes <count>', 'the code may be used for so long; default: 60', minutes)
    .option('--days <count>', 'each credential of the device lives so long; default: 180', days)
    .option('--no-renew', 'the device may not have its credential renewed')
    .option('--app <url>', "address of the app; default: the config's publicUrl, or the hub's")
    .option('--hub <url>', 'the hub; default: the one that the config describes, on this machine')
    .option('--config <file>', 'config file')
    .option(
      '--store <path>',
      "the hub's store, beside which its admin token lies; default: that of the config",
    )
    .option('--admin-token-file <file>', 'file of the admin token; default: SKERRY_ADMIN_TOKEN')
    .option('--json', 'print JSON: code, link, subject, usableUntil')
    .addHelpText(
      'after',
      `
The device asks for a new credential when half of its days are over, for as long as it is used and not revoked.

Examples:
  $ skerry enrol --subject tech:ana --read site:SEA --write site:SEA
  $ skerry enrol --subject tech:ben --read site:SEA,site:GEG --write site:SEA --hub https://hub.example --admin-token-file hub.db.admin-token`,
    )
    .action(async (options: EnrolOptions) => (await import('./enrol.ts')).enrol(options, terminal))
}
