/** The two secrets of a hub: the space's authority, and the token of its administrators. Both are made at the first start, beside the store. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { CredentialError } from '@skerry/core'
import { type Authority, authorityFromJwk, createAuthority } from '@skerry/credentials'
import { HubError } from './hub-error.ts'
import { ADMIN_TOKEN_BYTES } from './limits.ts'
import { secretAt } from './secret-file.ts'

export function authorityPath(store: string): string {
  return `${store}.authority.json`
}

export function adminTokenPath(store: string): string {
  return `${store}.admin-token`
}

export interface LoadedAuthority {
  authority: Authority
  /** True when it was made just now: nobody trusts it yet. */
  made: boolean
}

/** @throws HubError `secret-exposed`, `secret-unusable` */
export async function loadAuthority(path: string): Promise<LoadedAuthority> {
  const { content, made } = await secretAt(
    path,
    async () => `${JSON.stringify((await createAuthority()).privateJwk)}\n`,
  )
  return { authority: await parseAuthority(path, content), made }
}

async function parseAuthority(path: string, content: string): Promise<Authority> {
  try {
    return await authorityFromJwk(JSON.parse(content))
  } catch (cause) {
    const why =
      cause instanceof CredentialError ? cause.message : 'it is not JSON; restore the file from a backup'
    throw new HubError('secret-unusable', `reading ${path}: ${why}`, { cause })
  }
}

export interface AdminToken {
  /** Compares in constant time. */
  is(token: string): boolean
  /** Where it came from, for people. Never the token. */
  from: string
  made: boolean
}

/** `SKERRY_ADMIN_TOKEN` if set, else the file. @throws HubError */
export async function loadAdminToken(path: string, env: string | undefined): Promise<AdminToken> {
  if (env !== undefined && env !== '') return adminToken(env, 'SKERRY_ADMIN_TOKEN', false)
  const { content, made } = await secretAt(
    path,
    async () => `${randomBytes(ADMIN_TOKEN_BYTES).toString('base64url')}\n`,
  )
  return adminToken(content.trim(), path, made)
}

/** 128 bits in base64url. */
const ADMIN_TOKEN_LENGTH_MIN = 22

/** @param from for people @throws HubError `secret-unusable` for a short one */
export function adminToken(token: string, from: string, made: boolean): AdminToken {
  if (token.length < ADMIN_TOKEN_LENGTH_MIN) {
    throw new HubError(
      'secret-unusable',
      `admin token from ${from}: ${token.length} characters, at least ${ADMIN_TOKEN_LENGTH_MIN} are needed; use a random one`,
    )
  }
  const expected = digest(token)
  return { is: (given) => timingSafeEqual(digest(given), expected), from, made }
}

/** Equal lengths for the comparison, whatever was given. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
