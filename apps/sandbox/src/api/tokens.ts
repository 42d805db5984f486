/** OAuth 2 client credentials (RFC 6749, section 4.4) with bearer tokens that end (RFC 6750). Only hashes are stored. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Connection } from '../database.ts'
import { Problem } from '../problem.ts'

export type Client = { clientId: string; clientSecret: string }

/** Seconds; and how the token is to be sent. */
export type TokenAnswer = { access_token: string; token_type: 'Bearer'; expires_in: number }

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

  /** @throws Problem invalid-client, which also carries RFC 6749's `error` member */
  issue(clientId: string, clientSecret: string, seconds: number): TokenAnswer {
    const client = this.#clients.get(clientId)
    if (!client || !sameSecret(client.clientSecret, clientSecret)) {
      throw new Problem('invalid-client', `no client "${clientId}" with that secret`, {
        members: { error: 'invalid_client' },
      })
    }
    const token = randomBytes(32).toString('base64url')
    const now = this.#clock.now()
    this.#connection.prepare('DELETE FROM tokens WHERE expiresAt <= ?').run(now)
    this.#connection
      .prepare('INSERT INTO tokens VALUES (?, ?, ?)')
      .run(hashOf(token), clientId, now + seconds * 1_000)
    return { access_token: token, token_type: 'Bearer', expires_in: seconds }
  }

  /** The client whose token the header holds. @throws Problem invalid-token */
  clientOf(authorization: string | null): string {
    const token = /^Bearer +([\w~+/.-]+=*)$/i.exec(authorization ?? '')?.[1]
    const client = token && this.#find.get(hashOf(token), this.#clock.now())?.client
    if (client) return client
    throw new Problem(
      'invalid-token',
      token ? 'the token has expired or was never given' : 'a bearer token is required',
      {
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      },
    )
  }

  /** Ends every token now; returns how many there were. */
  expireAll(): number {
    return this.#connection.prepare('DELETE FROM tokens').run().changes
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Compares hashes, so that neither length nor content shows in the time it takes. */
function sameSecret(expected: string, given: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(expected)), Buffer.from(hashOf(given)))
}
