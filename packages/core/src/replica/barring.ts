/** Who may be met no more, though the authority's signature on the credential holds: revoked, or in quarantine. Asked beside every check of a credential. */
import { toHex } from '../bytes/hex.ts'
import { type Credential, CredentialError, type CredentialVerifier } from '../identity/credential.ts'
import { credentialCited } from '../log/entry.ts'
import type { SoundLog } from '../store/sound-log.ts'
import type { CredentialBook } from './credentials.ts'
import type { Quarantine } from './quarantine.ts'
import type { Revocations } from './revocations.ts'

export interface BarringParts {
  soundLog: Pick<SoundLog, 'readEntries'>
  credentials: CredentialBook
  quarantine: Quarantine
  revocations: Revocations
}

export class Barring {
  readonly #parts: BarringParts

  constructor(parts: BarringParts) {
    this.#parts = parts
  }

  has(credential: Credential): boolean {
    return this.#parts.revocations.has(credential) || this.#parts.quarantine.has(credential.publicKey)
  }

  /** Called when somebody is barred from now on, once that is durable. The result stops it. */
  onAdded(listener: () => void): () => void {
    const stops = [this.#parts.revocations.onAdded(listener), this.#parts.quarantine.onAdded(listener)]
    return () => {
      for (const stop of stops) stop()
    }
  }

  /** A verifier that refuses them too. */
  over(verifier: CredentialVerifier): CredentialVerifier {
    return {
      verify: async (token, at) => {
        const credential = await verifier.verify(token, at)
        if (this.#parts.revocations.has(credential)) throw await this.#revoked(credential)
        this.#parts.quarantine.check(credential)
        return credential
      },
      ...(verifier.pin && { pin: (token) => verifier.pin!(token) }),
    }
  }

  async #revoked(credential: Credential): Promise<CredentialError> {
    const { subject, hash, publicKey } = credential
    const evidence = await this.#evidence(credential)
    const isOfDevice = this.#parts.revocations.has({ publicKey, hash: '' })
    const words = isOfDevice
      ? `the device of '${subject}' (key ${toHex(publicKey).slice(0, 12)}…) was revoked by the operator, for good; every credential and code for this key is refused: set it up anew, with a new key`
      : `credential of '${subject}' (${hash.slice(0, 12)}…) was revoked by the operator; ask for a new one`
    return new CredentialError('credential-revoked', words, {
      ...(evidence && { evidence }),
      revoked: credential,
    })
  }

  /** The authority's own words, which the device can check. */
  async #evidence(credential: Credential): Promise<CredentialError['evidence']> {
    const { soundLog, credentials, revocations } = this.#parts
    const seq = revocations.seqOf(credential)
    const [logged] = seq === undefined ? [] : await soundLog.readEntries([seq])
    const cited = logged && credentialCited(logged.bytes)
    const signer = cited === undefined ? undefined : await credentials.byHash(cited)
    return logged && signer && { entry: logged.bytes, token: signer.token }
  }
}
