/** Core's host on Node: hashes and signatures from node:crypto, deflate from node:zlib, the machine's clock and timers. */
import { generateKeyPairSync, hash, randomBytes, sign, verify } from 'node:crypto'
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Host } from '@skerry/core'
import { privateKeyOf, publicKeyOf } from './keys.ts'

/** Frames are compressed while somebody waits: level 1 is a third of the time of level 6 for 10 % more bytes. */
const DEFLATE_LEVEL = 1
/** RFC 8032, section 5.1. */
const PUBLIC_KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** Node fires a timer above 2^31 - 1 ms at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

export function nodeHost(): Host {
  return {
    now: () => Date.now(),
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    timer: (delayMs, run) => {
      const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), TIMER_MS_MAX))
      return () => clearTimeout(timer)
    },
    sha256,
    deflateRaw: (bytes) => new Uint8Array(deflateRawSync(bytes, { level: DEFLATE_LEVEL })),
    inflateRaw: (bytes, outputBytesMax) =>
      new Uint8Array(inflateRawSync(bytes, { maxOutputLength: outputBytesMax })),
    crc32: (bytes) => crc32(bytes),
    verify: (publicKey, message, signature) => verifyInPool(publicKey, message, signature),
    async createKey() {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519')
      const raw = (der: Buffer) => new Uint8Array(der.subarray(-32))
      return {
        secret: raw(privateKey.export({ format: 'der', type: 'pkcs8' })),
        publicKey: raw(publicKey.export({ format: 'der', type: 'spki' })),
      }
    },
    sign: async (secret, message) => new Uint8Array(sign(null, message, privateKeyOf(secret))),
  }
}

/** As text of one byte a character: a buffer made by the native side costs three times as much as hashing a change. */
function sha256(bytes: Uint8Array): Uint8Array {
  const text = hash('sha256', bytes, 'binary')
  const hashed = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) hashed[at] = text.charCodeAt(at)
  return hashed
}

/** In libuv's thread pool: checking is three times the work of signing, and a hub checks for everybody. */
function verifyInPool(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  // A key or signature of another length, as a stranger may send, is not one that could be right.
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES)
    return Promise.resolve(false)
  return new Promise((resolve, reject) => {
    verify(null, message, publicKeyOf(publicKey), signature, (error, valid) =>
      error ? reject(error) : resolve(valid),
    )
  })
}
