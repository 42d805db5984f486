/** The token that changes must carry, and the session that it belongs to: fetched before the first change, and again when it is refused (SPEC OD-04). */
import type { Call, Failure } from '@skerry/bridge'
import type { HeadersRead } from '@skerry/bridge/http'

/** Headers of a change. */
export type Session = Readonly<{ 'x-csrf-token': string; cookie?: string }>

type Fetched = { kind: 'fetched'; headers: HeadersRead } | Failure

export class Csrf {
  readonly #fetch: (call: Call) => Promise<Fetched>
  #held: Session | undefined
  #asking: Promise<{ kind: 'session'; session: Session } | Failure> | undefined

  /** @param fetch asks the service with `X-CSRF-Token: Fetch` */
  constructor(fetch: (call: Call) => Promise<Fetched>) {
    this.#fetch = fetch
  }

  /** A failure is one in which the change itself was not sent. */
  async get(call: Call): Promise<{ kind: 'session'; session: Session } | Failure> {
    if (this.#held) return { kind: 'session', session: this.#held }
    this.#asking ??= this.#ask(call).finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** The service refused this one. */
  ended(session: Session): void {
    if (this.#held === session) this.#held = undefined
  }

  async #ask(call: Call): Promise<{ kind: 'session'; session: Session } | Failure> {
    const fetched = await this.#fetch(call)
    if (fetched.kind === 'unknown') return { ...fetched, kind: 'later' }
    if (fetched.kind !== 'fetched') return fetched
    const token = fetched.headers.get('x-csrf-token')
    if (token === null || /^required$/i.test(token))
      return { kind: 'later', reason: 'the service gave no CSRF token' }
    const cookie = cookiesIn(fetched.headers.get('set-cookie') ?? '')
    this.#held = { 'x-csrf-token': token, ...(cookie !== '' && { cookie }) }
    return { kind: 'session', session: this.#held }
  }
}

/** Names and values of `Set-Cookie` headers, which come joined by commas; a comma within a date has no `=` before the next `;`. */
export function cookiesIn(header: string): string {
  return header
    .split(/,(?=\s*[^;,=\s]+=)/)
    .map((cookie) => (cookie.split(';')[0] ?? '').trim())
    .filter((pair) => pair.includes('='))
    .join('; ')
}
