/** The bodies of small entries (tombstones, revocations): a format, fields, and nothing behind them. */
import { BytesError } from '../bytes/bytes-error.ts'
import { ByteReader } from '../bytes/reader.ts'
import { EntryError } from './entry.ts'

/** `what`: with its article. @throws EntryError unknown-version, malformed-entry */
export function readBody<T>(
  what: string,
  format: number,
  body: Uint8Array,
  read: (reader: ByteReader) => T,
): T {
  try {
    const reader = new ByteReader(body)
    const found = reader.u8()
    if (found !== format)
      throw new EntryError(
        'unknown-version',
        `${what} of format ${found}: this version reads format ${format}; upgrade this node`,
      )
    const content = read(reader)
    if (reader.remaining > 0)
      throw new EntryError('malformed-entry', `${what} with ${reader.remaining} bytes behind its end`)
    return content
  } catch (cause) {
    if (cause instanceof BytesError)
      throw new EntryError('malformed-entry', `${what} is malformed: ${cause.message}`, { cause })
    throw cause
  }
}
