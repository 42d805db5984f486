/** What a call carries to say who we are: nothing, a header, a parameter; and whether asking anew makes sense once it was refused. */
import type { Call, Failure } from '@skerry/bridge'
import type { Auth, Signed } from './auth.ts'
import type { HttpSettings } from './exchange.ts'
import { SECRET_LENGTH_HIDDEN_MIN } from './limits.ts'
import { Tokens } from './tokens.ts'

export interface Proof {
  kind: 'proof'
  headers: Record<string, string>
  /** To be added to the address. */
  query?: readonly [name: string, value: string] | undefined
  /** The token, key or password in it. */
  secret?: string | undefined
}

export class Identity {
  readonly #auth: Auth | undefined
  readonly #tokens: Tokens | undefined
  /** Secrets of the last proofs, newest first. */
  #shown: string[] = []

  constructor(auth: Auth | undefined, settings: HttpSettings) {
    this.#auth = auth
    if (auth?.kind === 'client-credentials' || auth?.kind === 'refresh-token')
      this.#tokens = new Tokens(settings, auth)
  }

  /** Systems say back what they were sent, and reasons go into logs and receipts. */
  hidden<Told extends Failure>(failure: Told): Told {
    const secrets = [...this.#shown, ...(this.#tokens?.secrets ?? [])]
    const reason = secrets
      .filter(({ length }) => length >= SECRET_LENGTH_HIDDEN_MIN)
      .reduce((text, secret) => text.replaceAll(secret, '(secret)'), failure.reason)
    return { ...failure, reason }
  }

  /** A failure is one in which the call itself was not made. */
  async proof(what: Signed, call: Call): Promise<Proof | Failure> {
    try {
      const proof = await this.#proof(what, call)
      // A token that was just renewed is told of by the refusal of the one before it.
      if (proof.kind === 'proof' && proof.secret !== undefined && proof.secret !== this.#shown[0])
        this.#shown = [proof.secret, ...this.#shown.slice(0, 1)]
      return proof
    } catch (error) {
      // A file that went, a function that failed: nobody can say who we are.
      return { kind: 'unauthorized', reason: error instanceof Error ? error.message : String(error) }
    }
  }

  /** The system refused this proof. @returns whether another one may do better */
  refused({ secret }: Proof): boolean {
    if (this.#tokens) return this.#tokens.refused(secret)
    const auth = this.#auth
    // Somebody may have written a new secret into the file meanwhile; if it went, the next proof says so.
    return auth?.kind === 'bearer' && auth.bearer.known !== secret
  }

  async #proof(what: Signed, call: Call): Promise<Proof | Failure> {
    const auth = this.#auth
    switch (auth?.kind) {
      case undefined:
        return { kind: 'proof', headers: {} }
      case 'bearer':
        return bearer(auth.bearer.value)
      case 'basic':
        return basic(auth.user, auth.password.value)
      case 'api-key': {
        const { header, query = '', key } = auth
        const secret = key.value
        if (header === undefined) return { kind: 'proof', headers: {}, query: [query, secret], secret }
        return { kind: 'proof', headers: { [header]: secret }, secret }
      }
      case 'headers':
        return { kind: 'proof', headers: await auth.headers(what) }
      default: {
        const token = await this.#tokens!.get(call)
        return token.kind === 'token' ? bearer(token.value) : token
      }
    }
  }
}

function bearer(secret: string): Proof {
  return { kind: 'proof', headers: { authorization: `Bearer ${secret}` }, secret }
}

/** RFC 7617. */
function basic(user: string, secret: string): Proof {
  const pair = Buffer.from(`${user}:${secret}`, 'utf8').toString('base64')
  return { kind: 'proof', headers: { authorization: `Basic ${pair}` }, secret }
}
