/** Sessions against cross-site request forgery: a cookie, and a token that must come with it. Both end together, and nobody is told. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { ODataSettings } from './settings.ts'

const COOKIE = 'SAP_SESSIONID_S4H_100'

type Session = { token: string; client: string; until: number }

export class Sessions {
  readonly #clock: Clock
  readonly #settings: ODataSettings
  readonly #byId = new Map<string, Session>()

  constructor(clock: Clock, settings: ODataSettings) {
    this.#clock = clock
    this.#settings = settings
  }

  /** Headers that give a client its token. */
  begin(client: string): Record<string, string> {
    const now = this.#clock.now()
    for (const [id, { until }] of this.#byId) if (until <= now) this.#byId.delete(id)
    const [id, token] = [randomBytes(16).toString('hex'), `${randomBytes(16).toString('base64url')}==`]
    this.#byId.set(id, { token, client, until: now + this.#settings.sessionSeconds * 1_000 })
    return { 'x-csrf-token': token, 'set-cookie': `${COOKIE}=${id}; path=/; HttpOnly; SameSite=Lax` }
  }

  /** Whether cookie and token are of one session of this client, which has not ended. */
  holds(client: string, headers: Headers): boolean {
    const [, id = ''] = new RegExp(`${COOKIE}=([0-9a-f]+)`).exec(headers.get('cookie') ?? '') ?? []
    const session = this.#byId.get(id)
    return (
      session?.client === client &&
      session.until > this.#clock.now() &&
      session.token === headers.get('x-csrf-token')
    )
  }

  /** @returns how many there were */
  endAll(): number {
    const { size } = this.#byId
    this.#byId.clear()
    return size
  }
}
