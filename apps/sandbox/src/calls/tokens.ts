/** OAuth 2 client credentials (RFC 6749, section 4.4) with bearer tokens that end (RFC 6750). Only hashes are stored. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Connection } from '../database.ts'

export type Client = { clientId: string; clientSecret: string }

/** Of the stand-in's tables, `tokens`. */
export const tokenTable =
  'CREATE TABLE IF NOT EXISTS tokens (hash TEXT PRIMARY KEY, client TEXT NOT NULL, expiresAt INTEGER NOT NULL) STRICT;'

export class Tokens {
  readonly #connection: Connection
  readonly #clients: ReadonlyMap<string, Client>
  readonly #clock: Clock
  readonly #find

  constructor(connection: Connection, clients: readonly Client[], clock: Clock) {
    this.#connection = connection
    this.#clients = new Map(clients.map((client) => [client.clientId, client]))
    this.#clock = clock
    this.#find = connection.prepare<unknown[], { client: string }>(
      'SELECT client FROM tokens WHERE hash = ? AND expiresAt > ?',
    )
  }

  knows(clientId: string): boolean {
    return this.#clients.has(clientId)
  }

  isSecretOf(clientId: string, clientSecret: string): boolean {
    const client = this.#clients.get(clientId)
    return client !== undefined && sameSecret(client.clientSecret, clientSecret)
  }

  issue(clientId: string, seconds: number): string {
    const token = randomBytes(32).toString('base64url')
    const now = this.#clock.now()
    this.#connection.prepare('DELETE FROM tokens WHERE expiresAt <= ?').run(now)
    this.#connection
      .prepare('INSERT INTO tokens VALUES (?, ?, ?)')
      .run(hashOf(token), clientId, now + seconds * 1_000)
    return token
  }

  /** The client whose token this is, as long as it is worth something. */
  clientOf(token: string): string | undefined {
    return this.#find.get(hashOf(token), this.#clock.now())?.client
  }

  /** Ends every token now; returns how many there were. */
  expireAll(): number {
    return this.#connection.prepare('DELETE FROM tokens').run().changes
  }
}

/** The token of an `Authorization` header, by any of the schemes. */
export function bearerOf(authorization: string | null, schemes = 'Bearer'): string | undefined {
  return new RegExp(`^(?:${schemes}) +([\\w~+/.!-]+=*)$`, 'i').exec(authorization ?? '')?.[1]
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Compares hashes, so that neither length nor content shows in the time it takes. */
function sameSecret(expected: string, given: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(expected)), Buffer.from(hashOf(given)))
}
