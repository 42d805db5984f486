/**
 * Ed25519 (RFC 8032) by the browser's own cryptography, which checks in a thread of its own. Where that lacks the curve (Chrome before 137) or is not to be had at all (pages of plain
 * HTTP on a LAN), it is loaded as code: 13 KB (gzip) that nobody else fetches.
 */

export interface Ed25519 {
  createKey(): Promise<{ secret: Uint8Array; publicKey: Uint8Array }>
  sign(secret: Uint8Array, message: Uint8Array): Promise<Uint8Array>
  /** @param publicKey 32 bytes @param signature 64 bytes */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>
}

const NAME = 'Ed25519'
/** DER in front of a seed (RFC 8410): the form in which browsers take and give private keys. */
const PRIVATE_PREFIX = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32]
/** Keys kept, one per author met lately: importing one costs about as much as a check. */
const KEYS_KEPT_MAX = 1_024

/** @param subtle undefined where the page has none */
export async function ed25519(subtle: SubtleCrypto | undefined): Promise<Ed25519> {
  return subtle && (await hasCurve(subtle)) ? byBrowser(subtle) : byCode()
}

async function hasCurve(subtle: SubtleCrypto): Promise<boolean> {
  try {
    await subtle.generateKey(NAME, false, ['sign', 'verify'])
    return true
  } catch {
    // Whatever it says, it is of no use here.
    return false
  }
}

function byBrowser(subtle: SubtleCrypto): Ed25519 {
  const privateKeys = new KeptKeys((seed) =>
    subtle.importKey('pkcs8', new Uint8Array([...PRIVATE_PREFIX, ...seed]), NAME, false, ['sign']),
  )
  const publicKeys = new KeptKeys((raw) => subtle.importKey('raw', copyOf(raw), NAME, false, ['verify']))
  return {
    async createKey() {
      const { privateKey, publicKey } = (await subtle.generateKey(NAME, true, [
        'sign',
        'verify',
      ])) as CryptoKeyPair
      const der = new Uint8Array(await subtle.exportKey('pkcs8', privateKey))
      return {
        secret: der.slice(PRIVATE_PREFIX.length, PRIVATE_PREFIX.length + 32),
        publicKey: new Uint8Array(await subtle.exportKey('raw', publicKey)),
      }
    },
    async sign(secret, message) {
      return new Uint8Array(await subtle.sign(NAME, await privateKeys.of(secret), copyOf(message)))
    },
    async verify(publicKey, message, signature) {
      const key = await publicKeys.of(publicKey).catch(() => undefined)
      // Bytes that are no point on the curve are nobody's key.
      return key !== undefined && subtle.verify(NAME, key, copyOf(signature), copyOf(message))
    },
  }
}

async function byCode(): Promise<Ed25519> {
  const { ed25519: curve } = await import('@noble/curves/ed25519.js')
  return {
    async createKey() {
      const { secretKey, publicKey } = curve.keygen()
      return { secret: secretKey, publicKey }
    },
    sign: async (secret, message) => curve.sign(message, secret),
    async verify(publicKey, message, signature) {
      try {
        return curve.verify(signature, message, publicKey, { zip215: false })
      } catch {
        // As above.
        return false
      }
    },
  }
}

class KeptKeys {
  readonly #keys = new Map<string, Promise<CryptoKey>>()
  readonly #make: (raw: Uint8Array) => Promise<CryptoKey>

  constructor(make: (raw: Uint8Array) => Promise<CryptoKey>) {
    this.#make = make
  }

  of(raw: Uint8Array): Promise<CryptoKey> {
    const name = String.fromCharCode(...raw)
    const known = this.#keys.get(name)
    if (known) return known
    if (this.#keys.size >= KEYS_KEPT_MAX) this.#keys.delete(this.#keys.keys().next().value!)
    const made = this.#make(raw)
    this.#keys.set(name, made)
    return made
  }
}

/** WebCrypto reads its arguments later: what the caller does to its bytes meanwhile must not matter, nor that they are shared. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}
