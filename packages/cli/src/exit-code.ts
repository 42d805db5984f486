/** Exit codes by class of failure, so that scripts and service managers can tell "fix the config" from "try again later". Shown by --help. */
import { CredentialError, StoreError } from '@skerry/core'
import { HubError } from '@skerry/hub'
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
  5  store: cannot be opened or written
  6  network: cannot listen, or cannot reach the hub`

export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return exitCodes[error.class]
  if (error instanceof CredentialError) return exitCodes.credential
  if (error instanceof StoreError) return exitCodes.store
  if (error instanceof HubError) return exitCodes[classOfHubError[error.code]]
  return exitCodes.failure
}

const classOfHubError: Readonly<Record<HubError['code'], ExitClass>> = {
  'secret-exposed': 'credential',
  'secret-unusable': 'credential',
  config: 'config',
  'cannot-listen': 'network',
}
