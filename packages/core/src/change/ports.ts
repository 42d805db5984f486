// What checking a change needs from the machine it runs on. Core has neither a hash in hardware nor an
// inflater.

export interface ChangeHost {
  /** SHA-256, 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array
  /**
   * Raw DEFLATE (RFC 1951) undone. Throws when the stream is damaged, and as soon as the output would exceed
   * `outputBytesMax`, without having allocated more than that. In Node: `zlib.inflateRawSync(bytes, {
   * maxOutputLength: outputBytesMax })`.
   */
  inflateRaw(bytes: Uint8Array, outputBytesMax: number): Uint8Array
}
