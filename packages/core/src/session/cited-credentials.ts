/** Credentials that entries cite, each to be sent once, before the first entry that cites it (O4). The two that the handshake showed are known. */
import { CREDENTIALS_SENT_MAX } from './limits.ts'
import type { Peer, SessionReplica } from './port.ts'

export class CitedCredentials {
  readonly #replica: SessionReplica
  readonly #known: Set<string>

  constructor(replica: SessionReplica, peer: Peer) {
    this.#replica = replica
    const own = replica.credential
    this.#known = new Set([peer.credential.hash, ...(own === undefined ? [] : [own.hash])])
  }

  /** The token that has to go before this entry. */
  async before(entry: Uint8Array): Promise<string | undefined> {
    const cited = this.#replica.credentialCited(entry)
    if (cited === undefined || this.#known.has(cited)) return undefined
    const credential = await this.#replica.credentialByHash(cited)
    if (this.#known.size >= CREDENTIALS_SENT_MAX) this.#known.clear()
    this.#known.add(cited)
    return credential?.token
  }
}
