/** Tokens whose signature was checked, the one used longest ago leaving first. A cited credential is met once per entry; its signature costs 0.1 ms. */
import type { Credential } from '@skerry/core'

export class VerifiedTokens {
  readonly #credentials = new Map<string, Credential>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#credentials.size
  }

  get(token: string): Credential | undefined {
    const credential = this.#credentials.get(token)
    if (!credential) return undefined
    this.#credentials.delete(token)
    this.#credentials.set(token, credential)
    return credential
  }

  put(credential: Credential): void {
    this.#credentials.set(credential.token, credential)
    if (this.#credentials.size <= this.#max) return
    const [oldest] = this.#credentials.keys()
    this.#credentials.delete(oldest!)
  }
}
