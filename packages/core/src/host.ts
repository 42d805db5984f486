/**
 * What core needs from the machine it runs on. Core never looks at the world itself: a Node host, a browser host and the
 * simulator each give one of these (the Node one is @skerry/node).
 */
export interface Host {
  /** Wall clock, milliseconds since 1970. May jump; nothing that matters for convergence reads it. */
  now(): number
  random(bytes: number): Uint8Array
  /** Calls `run` once after `delayMs`; the result cancels it. */
  timer(delayMs: number, run: () => void): () => void
  sha256(bytes: Uint8Array): Uint8Array
  deflateRaw(bytes: Uint8Array): Uint8Array
  /** @throws when the output would be larger than `outputBytesMax` */
  inflateRaw(bytes: Uint8Array, outputBytesMax: number): Uint8Array
  /** CRC-32 (IEEE 802.3), where the runtime has a faster one than ours (`crc32`). */
  crc32?(bytes: Uint8Array): number
  /** Ed25519 (RFC 8032). `publicKey` is 32 bytes, `signature` 64. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>
  /** Makes a new device key; `secret` (32 bytes, the Ed25519 seed) is kept in the store by the replica. */
  createKey(): Promise<{ secret: Uint8Array; publicKey: Uint8Array }>
  sign(secret: Uint8Array, message: Uint8Array): Promise<Uint8Array>
}
