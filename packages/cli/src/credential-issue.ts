/** `skerry credential issue`: a token for a device's key, signed here with the authority's file or by a running hub. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { toHex } from '@skerry/core'
import { issueCredential } from '@skerry/credentials'
import { authorityPath, loadAuthority, readSecret } from '@skerry/hub'
import { inspectTable } from '@skerry/store-sqlite'
import { findAdminToken } from './admin-token.ts'
import { CliError } from './cli-error.ts'
import { callHub } from './hub-client.ts'
import { findConfig, loadConfig } from './load-config.ts'
import { sha256 } from './sha256.ts'
import type { Terminal } from './terminal.ts'

export interface IssueOptions {
  subject: string
  key: string
  read: readonly string[]
  write: readonly string[]
  systems: readonly string[]
  days: number
  expires?: string
  role: 'device' | 'authority'
  space?: string
  config?: string
  store?: string
  authority?: string
  hub?: string
  adminTokenFile?: string
  json?: boolean
}

const DAY_MS = 86_400_000

export async function issue(options: IssueOptions, terminal: Terminal): Promise<void> {
  if (!/^[0-9a-f]{64}$/i.test(options.key))
    throw new CliError(
      'usage',
      `--key ${options.key.slice(0, 80)}: want 64 hex digits, as 'skerry credential key <store>' prints them`,
    )
  const expiresAt = expiryOf(options)
  const issued =
    options.hub === undefined
      ? await issueHere(options, expiresAt, terminal)
      : await issueAt(options.hub, options, expiresAt, terminal)
  terminal.print(options.json ? JSON.stringify(issued) : issued.token)
}

function expiryOf({ expires, days }: IssueOptions): number {
  if (expires === undefined) return Date.now() + days * DAY_MS
  const at = Date.parse(expires)
  if (Number.isNaN(at))
    throw new CliError('usage', `--expires ${expires}: want a date like 2027-01-31 or 2027-01-31T12:00:00Z`)
  if (at <= Date.now())
    throw new CliError('usage', `--expires ${expires}: that is over; want a date that is still to come`)
  return at
}

interface Issued {
  token: string
  hash: string
  subject: string
  expiresAt: string
}

async function issueHere(options: IssueOptions, expiresAt: number, terminal: Terminal): Promise<Issued> {
  const { subject, read, write, systems, role } = options
  const { path, space } = await authorityOf(options, terminal)
  if ((await readSecret(path)) === undefined) {
    throw new CliError(
      'credential',
      `${path}: there is no such authority; the hub makes it at its first start, or use --hub`,
    )
  }
  const { authority } = await loadAuthority(path)
  const publicKey = new Uint8Array(Buffer.from(options.key, 'hex'))
  const request = { space, subject, publicKey, role, read, write, systems, expiresAt, issuedAt: Date.now() }
  const token = await issueCredential(authority, request)
  const hash = toHex(sha256(new TextEncoder().encode(token)))
  return { token, hash, subject, expiresAt: new Date(Math.floor(expiresAt / 1000) * 1000).toISOString() }
}

/** The authority's file and the space it is for: from options, or from the config. */
async function authorityOf(
  options: IssueOptions,
  terminal: Terminal,
): Promise<{ path: string; space: string }> {
  const hasConfig = findConfig(options.config, terminal.folder) !== undefined
  const config = hasConfig ? (await loadConfig(options.config, terminal.folder)).config : undefined
  const space = options.space ?? config?.space
  const store = options.store ?? config?.hub?.store
  const path = options.authority ?? (store && authorityPath(store))
  if (options.authority === undefined && store && space !== undefined)
    checkSpace(space, resolve(terminal.folder, store))
  if (space === undefined)
    throw new CliError('usage', 'credential issue: no space; use --space, or a config that has one')
  if (path === undefined) {
    throw new CliError(
      'usage',
      "credential issue: who signs? use --store <hub's store>, --authority <file> or --hub <url>",
    )
  }
  return { path, space }
}

/** The hub's own credential names its space; a store that has not been opened by a hub yet says nothing. */
function checkSpace(space: string, store: string): void {
  if (!existsSync(store)) return
  const rows = inspectTable(store, { table: 'identity', limit: 10 })
  const row = rows.find(({ key }) => key === 'credential')
  if (!row) return
  const { space: of } = JSON.parse(new TextDecoder().decode(row.value)) as { space?: string }
  if (of === undefined || of === space) return
  throw new CliError(
    'usage',
    `credential issue: the space is '${space}', and ${store} is of a hub of '${of}', which would refuse the credential; use --space ${of}, or the store of that hub`,
  )
}

async function issueAt(
  url: string,
  options: IssueOptions,
  expiresAt: number,
  terminal: Terminal,
): Promise<Issued> {
  if (options.role === 'authority')
    throw new CliError(
      'usage',
      '--role authority: a hub does not give it; use --authority <file> where that file is',
    )
  const adminToken = await findAdminToken(terminal, options)
  const { subject, read, write, systems } = options
  const body = {
    subject,
    publicKey: options.key.toLowerCase(),
    read,
    write,
    systems,
    expiresAt: new Date(expiresAt).toISOString(),
  }
  return (await callHub({ url, adminToken }, 'POST', '/api/v1/credentials', body)) as Issued
}
