/** Who is let in: private apps with a token that does not end, and apps of OAuth whose tokens do. */
import { createHash, randomBytes } from 'node:crypto'
import type { Client, Tokens } from '../calls/tokens.ts'
import type { Connection } from '../database.ts'
import { Refusal } from './refusal.ts'
import type { HubSpotSettings } from './settings.ts'

/** The account's number. */
export const portalId = 4_242

export type PrivateApp = { name: string; token: string }
export type App = { name: string; isPrivate: boolean }

export class Apps {
  readonly #tokens: Tokens
  readonly #connection: Connection
  readonly #settings: HubSpotSettings
  readonly #privateApps: ReadonlyMap<string, string>

  constructor(
    tokens: Tokens,
    connection: Connection,
    settings: HubSpotSettings,
    privateApps: readonly PrivateApp[],
  ) {
    this.#tokens = tokens
    this.#connection = connection
    this.#settings = settings
    this.#privateApps = new Map(privateApps.map(({ name, token }) => [hashOf(token), name]))
  }

  /** @throws Refusal INVALID_AUTHENTICATION, EXPIRED_AUTHENTICATION */
  appOf(token: string | undefined): App {
    if (token === undefined)
      throw new Refusal(
        'INVALID_AUTHENTICATION',
        'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
      )
    const privateApp = this.#privateApps.get(hashOf(token))
    const client = this.#settings.lockedOut ? undefined : (privateApp ?? this.#tokens.clientOf(token))
    if (client !== undefined) return { name: client, isPrivate: privateApp !== undefined }
    throw token.startsWith('pat-')
      ? new Refusal('INVALID_AUTHENTICATION', 'The private app token used to make this call is not valid.')
      : new Refusal(
          'EXPIRED_AUTHENTICATION',
          'The OAuth token used to make this call expired 1 second(s) ago.',
        )
  }

  /** By the name that an app was let in under. */
  named(name: string): App {
    return { name, isPrivate: [...this.#privateApps.values()].includes(name) }
  }

  /** As a person at a browser would have let the app have it. */
  issueRefreshToken({ clientId }: Pick<Client, 'clientId'>): string {
    const token = `na1-${randomBytes(24).toString('base64url')}`
    this.#connection.prepare('INSERT INTO refreshTokens VALUES (?, ?)').run(token, clientId)
    return token
  }

  clientOfRefreshToken(token: string): string | undefined {
    return this.#connection
      .prepare<unknown[], string>('SELECT client FROM refreshTokens WHERE token = ?')
      .pluck()
      .get(token)
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
