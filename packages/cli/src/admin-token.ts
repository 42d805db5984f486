/** The admin token for calls to a hub: from the environment or a file, never an argument, which everybody on the machine could read. */
import { adminTokenPath, readSecret } from '@skerry/hub'
import { CliError } from './cli-error.ts'
import type { Terminal } from './terminal.ts'

export interface TokenSource {
  adminTokenFile?: string
  /** Beside which the hub of this machine keeps its token. */
  store?: string
}

/** @throws CliError `credential`, HubError for a file that others can read */
export async function findAdminToken(terminal: Terminal, source: TokenSource): Promise<string> {
  const fromEnv = terminal.env.SKERRY_ADMIN_TOKEN
  if (fromEnv) return fromEnv
  const path = source.adminTokenFile ?? (source.store && adminTokenPath(source.store))
  const content = path && (await readSecret(path))
  if (content) return content.trim()
  const looked = path ? `; there is no ${path}` : ''
  throw new CliError(
    'credential',
    `no admin token: set SKERRY_ADMIN_TOKEN, or name its file with --admin-token-file${looked}`,
  )
}
