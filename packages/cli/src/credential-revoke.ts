/** `skerry credential revoke`: at a running hub, which keeps it for good and ends the sessions concerned. */
import { toHex } from '@skerry/core'
import { findAdminToken } from './admin-token.ts'
import { CliError } from './cli-error.ts'
import { callHub } from './hub-client.ts'
import { sha256 } from './sha256.ts'
import type { Terminal } from './terminal.ts'
import { readTokenArgument } from './token-argument.ts'

export interface RevokeOptions {
  hub: string
  /** The argument is a device's public key: everything it has is revoked. */
  device?: boolean
  /** The device gives up what it holds when it hears of this. */
  wipe?: boolean
  adminTokenFile?: string
  store?: string
  json?: boolean
}

export async function revoke(given: string, options: RevokeOptions, terminal: Terminal): Promise<void> {
  const value = await hashOrKey(given, options, terminal)
  const named = options.device ? `/api/v1/devices/${value}` : `/api/v1/credentials/${value}`
  const path = options.wipe ? `${named}?wipe=true` : named
  await callHub({ url: options.hub, adminToken: await findAdminToken(terminal, options) }, 'DELETE', path)
  const what = options.device ? 'device' : 'credential'
  terminal.print(options.json ? JSON.stringify({ revoked: what, value }) : `revoked ${what} ${value}`)
}

async function hashOrKey(given: string, options: RevokeOptions, terminal: Terminal): Promise<string> {
  if (/^[0-9a-f]{64}$/i.test(given)) return given.toLowerCase()
  if (options.device)
    throw new CliError('usage', `${given.slice(0, 80)}: --device wants a public key of 64 hex digits`)
  const token = await readTokenArgument(given, terminal)
  return toHex(sha256(new TextEncoder().encode(token)))
}
