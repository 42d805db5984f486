/**
 * A proof that one device wrote two different changes under one actor and sequence of one record: two signed entries, each with the credential that its signature cites. It holds
 * by itself, for anybody who knows the authority's public key (replica/verify-proof.ts).
 *
 *   "skerry/proof/1" (string) · twice: credential token (string) · entry (bytes)
 *
 * An entry is kept as it came. Of a snapshot it is an entry of the signed change and what leads from it to the change in question.
 */
import { BytesError } from '../bytes/bytes-error.ts'
import { ByteReader } from '../bytes/reader.ts'
import { ByteWriter } from '../bytes/writer.ts'
import { ENTRY_BYTES_MAX } from './entry.ts'

const NAME = 'skerry/proof/1'
/** Bytes of a credential's token: what a session takes. */
const TOKEN_BYTES_MAX = 32 * 1024
/** Bytes of one proof: two entries with their credentials. */
export const PROOF_BYTES_MAX = 2 * (ENTRY_BYTES_MAX + TOKEN_BYTES_MAX + 16) + 16

export interface ProofHalf {
  token: string
  /** Of kind changes, signed. */
  entry: Uint8Array
}

export type ProofHalves = readonly [ProofHalf, ProofHalf]

/** What was handed in is no proof: it cannot be read (`malformed-proof`), or shows nothing (`proof-invalid`). */
export class ProofError extends Error {
  override readonly name = 'ProofError'
  readonly code: 'malformed-proof' | 'proof-invalid'
  constructor(code: ProofError['code'], message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

export function encodeProof(halves: ProofHalves): Uint8Array {
  const writer = new ByteWriter().string(NAME)
  for (const { token, entry } of halves) writer.string(token).bytes(entry)
  return writer.finish()
}

/** @throws ProofError malformed-proof */
export function decodeProof(bytes: Uint8Array): ProofHalves {
  if (bytes.length > PROOF_BYTES_MAX)
    throw new ProofError('malformed-proof', `a proof of ${bytes.length} bytes: limit ${PROOF_BYTES_MAX}`)
  try {
    const reader = new ByteReader(bytes)
    if (reader.string(NAME.length) !== NAME)
      throw new ProofError('malformed-proof', `these ${bytes.length} bytes are no proof; want one of ${NAME}`)
    const halves = [readHalf(reader), readHalf(reader)] as const
    if (reader.remaining > 0)
      throw new ProofError('malformed-proof', `${reader.remaining} bytes are left behind a proof's end`)
    return halves
  } catch (cause) {
    if (cause instanceof BytesError)
      throw new ProofError('malformed-proof', `malformed proof: ${cause.message}`, { cause })
    throw cause
  }
}

function readHalf(reader: ByteReader): ProofHalf {
  const token = reader.string(TOKEN_BYTES_MAX)
  return { token, entry: reader.bytes(ENTRY_BYTES_MAX) }
}
