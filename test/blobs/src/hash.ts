/** The name of a blob, at once. */
import { createHash } from 'node:crypto'

export const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
