/** `skerry credential show`: what a token says, and whether it holds: against a given authority, or else only against itself. */
import { type Credential, CredentialError, fromHex, toHex } from '@skerry/core'
import { credentialVerifier, pinnedAuthority } from '@skerry/credentials'
import { CliError } from './cli-error.ts'
import { sha256 } from './sha256.ts'
import { paint, type Terminal } from './terminal.ts'
import { readTokenArgument } from './token-argument.ts'

export interface ShowOptions {
  /** Public key of the authority, 64 hex digits. */
  authorityKey?: string
  json?: boolean
}

/** @throws CredentialError when the token does not hold; what it says is printed all the same where it can be read */
export async function show(given: string, options: ShowOptions, terminal: Terminal): Promise<void> {
  if (options.authorityKey !== undefined && !/^[0-9a-f]{64}$/i.test(options.authorityKey))
    throw new CliError('usage', `--authority-key ${options.authorityKey.slice(0, 80)}: want 64 hex digits`)
  const token = await readTokenArgument(given, terminal)
  const signedBy = pinnedAuthority(token)
  const authority = options.authorityKey === undefined ? signedBy : fromHex(options.authorityKey)
  const verifier = credentialVerifier({ space: spaceIn(token), authority, sha256 })
  const credential = await verifier.verify(token, undefined)
  const expired = Date.now() >= credential.expiresAt
  if (options.json) terminal.print(JSON.stringify({ ...facts(credential, signedBy), expired }))
  else terminal.print(lines(credential, signedBy, expired, terminal))
  if (options.authorityKey === undefined && !options.json)
    terminal.note(
      'Checked against the authority it names itself; use --authority-key to check against one you trust.',
    )
  if (expired) await verifier.verify(token, Date.now())
}

function facts(credential: Credential, signedBy: Uint8Array) {
  const { space, subject, role, read, write, systems, hash, expiresAt } = credential
  const expires = new Date(expiresAt).toISOString()
  return {
    space,
    subject,
    role,
    key: toHex(credential.publicKey),
    read,
    write,
    systems,
    expires,
    hash,
    authority: toHex(signedBy),
  }
}

function lines(credential: Credential, signedBy: Uint8Array, expired: boolean, terminal: Terminal): string {
  return Object.entries(facts(credential, signedBy))
    .map(([name, value]) => {
      const text = Array.isArray(value) ? value.join(', ') || '(none)' : String(value)
      const mark = name === 'expires' && expired ? paint(terminal, 'red', ' (expired)') : ''
      return `${paint(terminal, 'dim', name.padEnd(10))} ${text}${mark}`
    })
    .join('\n')
}

/** The space a token claims: there is nothing here to hold it against, and the verifier wants one. */
function spaceIn(token: string): string {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      iss?: unknown
    }
    if (typeof claims.iss === 'string') return claims.iss
  } catch (cause) {
    throw new CredentialError(
      'credential-malformed',
      'credential: its claims are not JSON; check that it was copied whole',
      { cause },
    )
  }
  throw new CredentialError(
    'credential-malformed',
    'credential: it names no space (iss); it is no credential of ours',
  )
}
