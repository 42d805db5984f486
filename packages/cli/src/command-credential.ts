/** The `credential` commands, as the command line sees them. */
import { type Command, Option } from 'commander'
import type { IssueOptions } from './credential-issue.ts'
import type { KeyOptions } from './credential-key.ts'
import type { RevokeOptions } from './credential-revoke.ts'
import type { ShowOptions } from './credential-show.ts'
import { acceptHelp, acceptOption, days, nameList } from './options.ts'
import type { Terminal } from './terminal.ts'

export function addCredentialCommand(program: Command, terminal: Terminal): void {
  const credential = program
    .command('credential')
    .description('give devices their credentials, look at them, take them back')
    .addHelpText(
      'after',
      `
Examples:
  $ skerry credential key ./ana.db
  $ skerry credential issue --subject tech:ana --key 8f1c… --read region:north --store ./hub.db --space acme > ana.token
  $ skerry credential show ana.token
  $ skerry credential revoke ana.token --hub https://hub.example --store ./hub.db`,
    )
  addIssue(credential, terminal)
  addShow(credential, terminal)
  addRevoke(credential, terminal)
  addKey(credential, terminal)
}

function addIssue(credential: Command, terminal: Terminal): void {
  credential
    .command('issue')
    .description('sign a credential for a device and print the token')
    .requiredOption('--subject <name>', 'who this is, for people: tech:ana')
    .requiredOption('--key <hex>', "the device's public key, 64 hex digits")
    .option('--read <channels>', "channels it may read, comma between; '*' for all", nameList, [])
    .option('--write <channels>', "channels it may write, comma between; '*' for all", nameList, [])
    .option('--systems <names>', 'external systems it is the adapter node of', nameList, [])
    .addOption(new Option('--days <count>', 'valid from now for so many days').argParser(days).default(90))
    .option('--expires <date>', 'valid until then, instead of --days')
    .addOption(
      new Option('--role <role>', 'authority: a hub').choices(['device', 'authority']).default('device'),
    )
    .option('--space <name>', 'the space; default: that of the config')
    .option('--config <file>', 'config file')
    .option('--store <path>', "sign here, with the authority beside this hub's store")
    .option('--authority <file>', 'sign here, with this authority')
    .option('--hub <url>', 'let this hub sign (wants the admin token)')
    .option('--admin-token-file <file>', 'file of the admin token; default: SKERRY_ADMIN_TOKEN')
    .option('--json', 'print JSON: token, hash, subject, expiresAt')
    .addHelpText(
      'after',
      `
Examples:
  $ skerry credential issue --subject tech:ana --key 8f1c… --read region:north --write region:north --store ./hub.db --space acme
  $ SKERRY_ADMIN_TOKEN=… skerry credential issue --subject gateway:roof-1 --key 77ab… --write telemetry --hub https://hub.example`,
    )
    .action(async (options: IssueOptions) => (await import('./credential-issue.ts')).issue(options, terminal))
}

function addShow(credential: Command, terminal: Terminal): void {
  credential
    .command('show')
    .argument('<token>', 'a file, - for standard input, or the token itself')
    .description('print what a token says; exit code 4 when it does not hold')
    .option('--authority-key <hex>', 'public key of the authority to check it against')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ skerry credential show ana.token
  $ curl -s https://hub.example/api/v1/authority
  $ skerry credential show --authority-key 03d1… - < ana.token`,
    )
    .action(async (token: string, options: ShowOptions) => {
      const { show } = await import('./credential-show.ts')
      await show(token, options, terminal)
    })
}

function addRevoke(credential: Command, terminal: Terminal): void {
  credential
    .command('revoke')
    .argument(
      '<credential>',
      'hash of a credential (or its token, in a file or from -); with --device a public key',
    )
    .description('refuse a credential from now on, and end its sessions')
    .requiredOption('--hub <url>', 'the hub that is to keep this')
    .option('--device', 'everything that this device key has or will get')
    .option('--wipe', 'its device removes what it holds of the space when it hears of this, unsent edits too')
    .option('--admin-token-file <file>', 'file of the admin token; default: SKERRY_ADMIN_TOKEN')
    .option('--store <path>', "the hub's store, beside which its admin token lies")
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ skerry credential revoke 5be2… --hub https://hub.example --admin-token-file hub.db.admin-token
  $ skerry credential revoke --device 8f1c… --wipe --hub https://hub.example`,
    )
    .action(async (given: string, options: RevokeOptions) => {
      const { revoke } = await import('./credential-revoke.ts')
      await revoke(given, options, terminal)
    })
}

function addKey(credential: Command, terminal: Terminal): void {
  credential
    .command('key')
    .argument('<store>', 'the store of the device')
    .description('print the public key of a device, making it if there is none yet')
    .addOption(acceptOption())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
${acceptHelp}

Examples:
  $ skerry credential key ./gateway.db
  $ skerry credential key ./gateway-2.db --accept copy`,
    )
    .action(async (store: string, options: KeyOptions) => {
      const { printKey } = await import('./credential-key.ts')
      await printKey(store, options, terminal)
    })
}
