/** The compressor of Node: the only file of this package that touches a host, behind `@skerry/streams/node`. */

import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Compressor } from './compressor.ts'

/** zlib at its default level. Passing the ceiling throws Node's `ERR_BUFFER_TOO_LARGE`, which is a RangeError. */
export const nodeCompressor: Compressor = {
  deflateRaw: (bytes) => deflateRawSync(bytes, { level: constants.Z_DEFAULT_COMPRESSION }),
  inflateRaw: (bytes, outputBytesMax) => inflateRawSync(bytes, { maxOutputLength: outputBytesMax }),
}
