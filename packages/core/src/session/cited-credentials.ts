/**
 * Credentials that entries cite, each to be sent once, before the first entry that cites it (O4). The two that the handshake showed are known; one that came to this side later is not, though it
 * may be shown under way: the peer takes that beside the frames, and perhaps after them.
 */
import { CREDENTIALS_SENT_MAX } from './limits.ts'
import type { SessionReplica } from './port.ts'

export class CitedCredentials {
  readonly #replica: SessionReplica
  readonly #known: Set<string>

  /** @param shown hashes of the credentials that the handshake showed, hex */
  constructor(replica: SessionReplica, shown: Iterable<string>) {
    this.#replica = replica
    this.#known = new Set(shown)
  }

  /** The tokens that have to go before this entry. */
  async before(entry: Uint8Array): Promise<string[]> {
    const tokens: string[] = []
    for (const cited of this.#replica.credentialsCited(entry)) {
      if (this.#known.has(cited)) continue
      const credential = await this.#replica.credentialByHash(cited)
      if (this.#known.size >= CREDENTIALS_SENT_MAX) this.#known.clear()
      this.#known.add(cited)
      if (credential !== undefined) tokens.push(credential.token)
    }
    return tokens
  }
}
