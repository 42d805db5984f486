/** The `proof` commands, as the command line sees them. */
import type { Command } from 'commander'
import type { AtHub, CheckOptions } from './proof.ts'
import type { Terminal } from './terminal.ts'

const load = () => import('./proof.ts')

export function addProofCommand(program: Command, terminal: Terminal): void {
  const proof = program
    .command('proof')
    .description('look at devices that wrote two changes under one sequence, and decide about them')
    .addHelpText(
      'after',
      `
Examples:
  $ skerry proof list --hub https://hub.example --store ./hub.db
  $ skerry proof fetch 00a1… --hub https://hub.example --store ./hub.db > eve.proof
  $ skerry proof check eve.proof --authority-key 03d1… --space acme
  $ skerry proof lift 8f1c… --hub https://hub.example --store ./hub.db`,
    )
  atHub(proof.command('list').description('who, which record, since when; --json for programs'))
    .addHelpText('after', '\nExamples:\n  $ skerry proof list --hub https://hub.example --json')
    .action(async (options: AtHub) => (await load()).list(options, terminal))
  atHub(
    proof
      .command('fetch')
      .argument('<actor>', 'the actor that `list` names, 34 hex digits')
      .description('print a proof, base64'),
  )
    .addHelpText('after', '\nExamples:\n  $ skerry proof fetch 00a1… --hub https://hub.example > eve.proof')
    .action(async (actor: string, options: AtHub) => (await load()).fetchProof(actor, options, terminal))
  proof
    .command('check')
    .argument('<proof>', 'a file that `fetch` wrote, or - for standard input')
    .description('check a proof from its bytes alone; needs no hub')
    .requiredOption('--authority-key <hex>', 'public key of the authority')
    .requiredOption('--space <name>', 'the space')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  $ skerry proof check eve.proof --authority-key 03d1… --space acme')
    .action(async (given: string, options: CheckOptions) => (await load()).check(given, options, terminal))
  atHub(
    proof
      .command('lift')
      .argument('<device>', 'its public key, 64 hex digits')
      .description('let a device back in; its proof is kept'),
  )
    .addHelpText('after', '\nExamples:\n  $ skerry proof lift 8f1c… --hub https://hub.example')
    .action(async (key: string, options: AtHub) => (await load()).lift(key, options, terminal))
}

function atHub(command: Command): Command {
  return command
    .requiredOption('--hub <url>', 'the hub that keeps them')
    .option('--admin-token-file <file>', 'file of the admin token; default: SKERRY_ADMIN_TOKEN')
    .option('--store <path>', "the hub's store, beside which its admin token lies")
    .option('--json', 'print JSON')
}
