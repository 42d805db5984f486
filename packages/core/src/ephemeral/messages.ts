/** The messages of presence and their bytes (SPEC.md, section Encoding). */
import type { ByteReader } from '../bytes/reader.ts'
import type { ByteWriter } from '../bytes/writer.ts'
import { readHex, writeCount, writeFixed, writeHex, writeText } from '../session/fields.ts'
import { CHANNEL_BYTES_MAX, HASH_BYTES, ID_BYTES, PROOF_BYTES, TOKEN_BYTES_MAX } from '../session/limits.ts'
import { EXPIRY_MS, HOPS_MAX, VALUE_BYTES_MAX } from './limits.ts'
import { COUNTER_MAX, type Said, type SaidKind, saidKinds, type Travelling } from './said.ts'

const NO_BYTES = new Uint8Array()

export const presenceCodec = {
  write(writer: ByteWriter, said: Travelling): void {
    writer.u8(saidKinds.indexOf(said.kind))
    writeCount(writer, said.hops, HOPS_MAX, 'hops left')
    writeCount(writer, said.ageMs, EXPIRY_MS, 'an age in milliseconds')
    writeText(writer, said.channel, CHANNEL_BYTES_MAX, 'a channel name')
    writeHex(writer, said.credential, HASH_BYTES, 'a credential hash')
    writeHex(writer, said.instance, ID_BYTES, 'an instance')
    writeCount(writer, said.counter, COUNTER_MAX, 'a counter')
    if (said.kind === 'here') {
      writeCount(writer, said.value.length, VALUE_BYTES_MAX, 'bytes of a value')
      writer.raw(said.value)
    }
    if (said.kind !== 'withdrawn') writeFixed(writer, said.signature, PROOF_BYTES, 'a signature')
  },
  read(reader: ByteReader): Travelling {
    const kind = saidKinds[reader.varint(saidKinds.length - 1)]!
    return {
      kind,
      hops: reader.varint(HOPS_MAX),
      ageMs: reader.varint(EXPIRY_MS),
      channel: reader.string(CHANNEL_BYTES_MAX),
      credential: readHex(reader, HASH_BYTES),
      instance: readHex(reader, ID_BYTES),
      counter: reader.varint(COUNTER_MAX),
      ...readSigned(reader, kind),
    }
  },
}

export const whoCodec = {
  write: (writer: ByteWriter, { credential }: { credential: string }) =>
    writeHex(writer, credential, HASH_BYTES, 'a credential hash'),
  read: (reader: ByteReader) => ({ credential: readHex(reader, HASH_BYTES) }),
}

export const authorCodec = {
  write: (writer: ByteWriter, { token }: { token: string }) =>
    writeText(writer, token, TOKEN_BYTES_MAX, 'a credential'),
  read: (reader: ByteReader) => ({ token: reader.string(TOKEN_BYTES_MAX) }),
}

/** Copied: a slot outlives the message's buffer. */
function readSigned(reader: ByteReader, kind: SaidKind): Pick<Said, 'value' | 'signature'> {
  const value = kind === 'here' ? reader.bytes(VALUE_BYTES_MAX).slice() : NO_BYTES
  return { value, signature: kind === 'withdrawn' ? NO_BYTES : reader.raw(PROOF_BYTES).slice() }
}
