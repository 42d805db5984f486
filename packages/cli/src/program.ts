/** The command line: commands, their help, and what their failures become. */
import { Command, CommanderError } from 'commander'
import { addAuditCommand } from './command-audit.ts'
import { addBackupCommands } from './command-backup.ts'
import { addBridgeCommand } from './command-bridge.ts'
import { addCredentialCommand } from './command-credential.ts'
import { addDeadCommand } from './command-dead.ts'
import { addDecideCommands } from './command-decide.ts'
import { addEnrolCommand } from './command-enrol.ts'
import { addHubCommand } from './command-hub.ts'
import { addInspectCommand } from './command-inspect.ts'
import { addProofCommand } from './command-proof.ts'
import { addReviewCommand } from './command-review.ts'
import { exitCodeOf, exitCodes, exitCodesHelp } from './exit-code.ts'
import { paint, type Terminal } from './terminal.ts'
import { version } from './version.ts'

const examples = `
Examples:
  $ skerry hub --store ./hub.db
  $ skerry credential --help
  $ skerry inspect ./hub.db records`

/** Runs one command line (without node and script) and resolves with its exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await program(terminal).parseAsync([...args], { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    // Commander has said already what is wrong with the command line, or shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    terminal.note(`${paint(terminal, 'red', 'error:')} ${words(error, terminal)}`)
    return exitCodeOf(error)
  }
}

function program(terminal: Terminal): Command {
  const root = new Command('skerry')
    .description(
      'offline-first sync: run a hub or a bridge, give credentials, look into stores, back them up',
    )
    .version(version())
    // Options of a command that stand behind one of its own commands are that one's.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
    })
    .showHelpAfterError('Say --help after the command for its options and examples.')
    .addHelpText('after', `${examples}\n${exitCodesHelp}`)
  addHubCommand(root, terminal)
  addBridgeCommand(root, terminal)
  addDeadCommand(root, terminal)
  addReviewCommand(root, terminal)
  addDecideCommands(root, terminal)
  addAuditCommand(root, terminal)
  addCredentialCommand(root, terminal)
  addEnrolCommand(root, terminal)
  addProofCommand(root, terminal)
  addInspectCommand(root, terminal)
  addBackupCommands(root, terminal)
  return root
}

/** The message, and with SKERRY_DEBUG where it came from. */
function words(error: unknown, terminal: Terminal): string {
  if (!(error instanceof Error)) return String(error)
  return terminal.env.SKERRY_DEBUG ? (error.stack ?? error.message) : error.message
}
