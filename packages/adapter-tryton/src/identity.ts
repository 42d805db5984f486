/** User and password from where the configuration says they are, read when they are needed, so that a changed password needs no restart (SPEC TR-07). */
import { readFile } from 'node:fs/promises'
import type { Secret, TrytonConfig } from './config.ts'

export interface Identity {
  user: string
  password: string
}

/** Undefined with the reason when something is not where it should be. */
export async function readIdentity({
  user,
  password,
}: TrytonConfig): Promise<{ kind: 'identity'; identity: Identity } | { kind: 'missing'; reason: string }> {
  try {
    const name = typeof user === 'string' ? user : await secretOf('user', user)
    return { kind: 'identity', identity: { user: name, password: await secretOf('password', password) } }
  } catch (error) {
    return { kind: 'missing', reason: error instanceof Error ? error.message : String(error) }
  }
}

async function secretOf(what: string, secret: Secret): Promise<string> {
  if ('file' in secret) {
    const text = (await readFile(secret.file, 'utf8')).trim()
    if (text === '') throw new Error(`the ${what} of Tryton: ${secret.file} is empty`)
    return text
  }
  const text = process.env[secret.env]
  if (!text) throw new Error(`the ${what} of Tryton: the environment has no ${secret.env}`)
  return text
}
