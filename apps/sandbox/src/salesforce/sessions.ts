/** Who is let in: OAuth 2 by client credentials or refresh token. Each client acts as a user of its own. */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { Client, Tokens } from '../calls/tokens.ts'
import type { Connection } from '../database.ts'
import { withSuffix } from './objects/record-id.ts'
import type { SalesforceSettings } from './settings.ts'

const organizationId = withSuffix('00D5e000000Skry')

export type Session = { userId: string; clientId: string }

export class Sessions {
  readonly #tokens: Tokens
  readonly #connection: Connection
  readonly #settings: SalesforceSettings
  readonly #clients: readonly Client[]

  constructor(
    tokens: Tokens,
    connection: Connection,
    settings: SalesforceSettings,
    clients: readonly Client[],
  ) {
    this.#tokens = tokens
    this.#connection = connection
    this.#settings = settings
    this.#clients = clients
  }

  /** Undefined for a token that is worth nothing. */
  userOf(token: string): Session | undefined {
    const secretPart = token.slice(token.indexOf('!') + 1)
    const clientId = this.#settings.lockedOut ? undefined : this.#tokens.clientOf(secretPart)
    return clientId === undefined ? undefined : { clientId, userId: userIdOf(clientId) }
  }

  /** What the token endpoint answers. @param instanceUrl where the organisation is served */
  issue(clientId: string, instanceUrl: string, now: number): Record<string, unknown> {
    const id = `${instanceUrl}/id/${organizationId}/${userIdOf(clientId)}`
    const secret = this.#clients.find((client) => client.clientId === clientId)?.clientSecret ?? ''
    const issuedAt = String(now)
    return {
      access_token: `${organizationId.slice(0, 15)}!${this.#tokens.issue(clientId, this.#settings.sessionSeconds)}`,
      instance_url: instanceUrl,
      id,
      token_type: 'Bearer',
      issued_at: issuedAt,
      signature: createHmac('sha256', secret)
        .update(id + issuedAt)
        .digest('base64'),
      scope: 'api refresh_token',
    }
  }

  /** As a person at a browser would have let the client have it. */
  issueRefreshToken(clientId: string): string {
    const token = `5Aep861${randomBytes(24).toString('base64url')}`
    this.#connection.prepare('INSERT INTO refreshTokens VALUES (?, ?)').run(token, clientId)
    return token
  }

  clientOfRefreshToken(token: string): string | undefined {
    return this.#connection
      .prepare<unknown[], string>('SELECT client FROM refreshTokens WHERE token = ?')
      .pluck()
      .get(token)
  }

  expireAll(): number {
    return this.#tokens.expireAll()
  }
}

/** Also of people at a screen, by their name. */
export function userIdOf(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex')
  return withSuffix(`0055e00000${hash.slice(0, 5).toUpperCase()}`)
}
