/**
 * The port through which a segment's body is deflated (RFC 1951, no zlib header). It is injected because hosts differ:
 * Node has it built in and synchronous, a browser needs a library. Called once per segment, never per reading.
 */
export interface Compressor {
  /** Deflates `bytes`. The result need not be smaller; the encoder keeps it only if it is. */
  deflateRaw(bytes: Uint8Array): Uint8Array

  /**
   * Inflates `bytes` without ever holding more than `outputBytesMax` bytes of output.
   *
   * @throws RangeError when the output would be longer; any other error when the bytes are no deflate stream
   */
  inflateRaw(bytes: Uint8Array, outputBytesMax: number): Uint8Array
}
