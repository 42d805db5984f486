/** Exit codes by class of failure, so that scripts and service managers can tell "fix the config" from "try again later". Shown by --help. */
import type { HubErrorCode } from '@skerry/hub'
import { CliError, type ExitClass } from './cli-error.ts'

export const exitCodes: Readonly<Record<ExitClass | 'ok', number>> = {
  ok: 0,
  failure: 1,
  usage: 2,
  config: 3,
  credential: 4,
  store: 5,
  network: 6,
}

export const exitCodesHelp = `
Exit codes:
  0  done
  1  failure not named below
  2  usage: an option or argument is wrong
  3  config: skerry.config.ts is missing or wrong
  4  credential: refused, expired, or a secret that cannot be used
  5  store: cannot be opened or written, or is not what it was (--accept)
  6  network: cannot listen, or cannot reach the hub or the node`

/** Errors of other packages are told apart by name, so that a help page need not load them. */
export function exitCodeOf(error: unknown): number {
  return exitCodes[classOf(error)]
}

function classOf(error: unknown): ExitClass {
  if (error instanceof CliError) return error.class
  if (!(error instanceof Error)) return 'failure'
  if (error.name === 'CredentialError') return 'credential'
  if (error.name === 'StoreError') return 'store'
  if (error.name === 'BridgeError') return 'config'
  if (error.name === 'LinkError') return 'network'
  if (error.name === 'HubError' && 'code' in error) return classOfHubError[error.code as HubErrorCode]
  return 'failure'
}

const classOfHubError: Readonly<Record<HubErrorCode, ExitClass>> = {
  config: 'config',
  'secret-exposed': 'credential',
  'secret-unusable': 'credential',
  'cannot-listen': 'network',
  'app-missing': 'config',
}
