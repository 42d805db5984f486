/** `skerry proof`: devices that wrote two changes under one sequence. Checked here from the proof's bytes alone; listed and decided at a running hub. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fromHex, ProofError, verifyProof } from '@skerry/core'
import { credentialVerifier } from '@skerry/credentials'
import { nodeHost } from '@skerry/node'
import { findAdminToken } from './admin-token.ts'
import { CliError } from './cli-error.ts'
import { callHub } from './hub-client.ts'
import { sha256 } from './sha256.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

export interface AtHub {
  hub: string
  adminTokenFile?: string
  store?: string
  json?: boolean
}

export interface CheckOptions {
  /** Public key of the authority, 64 hex digits. */
  authorityKey: string
  space: string
  json?: boolean
}

interface Listed {
  key: string
  subject: string
  record: string
  actor: string
  seq: number
  at: string
  liftedAt?: string
}

export async function list(options: AtHub, terminal: Terminal): Promise<void> {
  const { proofs } = (await ask(options, terminal, 'GET', '/api/v1/proofs')) as { proofs: Listed[] }
  if (options.json) {
    terminal.print(JSON.stringify(proofs))
    return
  }
  const rows = proofs.map(({ key, subject, record, actor, at, liftedAt }) => {
    return [subject, key, record, actor, at, liftedAt ? `lifted ${liftedAt}` : 'in quarantine']
  })
  terminal.print(table(['subject', 'device', 'record', 'actor', 'found', 'state'], rows))
}

/** Prints the proof as base64, for `check`. */
export async function fetchProof(actor: string, options: AtHub, terminal: Terminal): Promise<void> {
  const { proof } = (await ask(options, terminal, 'GET', `/api/v1/proofs/${encodeURIComponent(actor)}`)) as {
    proof: string
  }
  terminal.print(proof)
}

export async function lift(key: string, options: AtHub, terminal: Terminal): Promise<void> {
  await ask(options, terminal, 'DELETE', `/api/v1/quarantine/${encodeURIComponent(key)}`)
  terminal.print(options.json ? JSON.stringify({ lifted: key }) : `lifted the quarantine of ${key}`)
}

/** @throws ProofError when it proves nothing */
export async function check(given: string, options: CheckOptions, terminal: Terminal): Promise<void> {
  if (!/^[0-9a-f]{64}$/i.test(options.authorityKey))
    throw new CliError('usage', `--authority-key ${options.authorityKey.slice(0, 80)}: want 64 hex digits`)
  const bytes = new Uint8Array(Buffer.from(await read(given, terminal), 'base64'))
  const { space } = options
  const verifier = credentialVerifier({ space, authority: fromHex(options.authorityKey), sha256 })
  try {
    const proven = await verifyProof(bytes, { host: nodeHost(), space, verifier })
    const { subject, key, record, actor, seq, hashes } = proven
    terminal.print(
      options.json
        ? JSON.stringify(proven)
        : `proven: ${subject} (device ${key}) signed two changes ${seq} of actor ${actor} of ${record}:\n  ${hashes.join('\n  ')}`,
    )
  } catch (error) {
    if (error instanceof ProofError)
      throw new CliError('failure', `${given}: ${error.message}`, { cause: error })
    throw error
  }
}

async function read(given: string, terminal: Terminal): Promise<string> {
  if (given === '-') return terminal.readStdin()
  try {
    return readFileSync(resolve(terminal.folder, given), 'utf8')
  } catch (cause) {
    throw new CliError(
      'usage',
      `${given}: cannot be read; name a file that \`skerry proof fetch\` wrote, or -`,
      {
        cause,
      },
    )
  }
}

async function ask(options: AtHub, terminal: Terminal, method: string, path: string): Promise<unknown> {
  return callHub({ url: options.hub, adminToken: await findAdminToken(terminal, options) }, method, path)
}
