/**
 * What both sides sign to prove that they hold their key, here and now (H3). Both nonces, both keys and both logs are in it, so a proof is
 * worth nothing in any other handshake; every field has its length before it, so no two handshakes have the same bytes.
 */
import { fromHex } from '../bytes/hex.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { ByteWriter } from '../bytes/writer.ts'

export interface Introduction {
  space: string
  acceptor: { key: Uint8Array; nonce: Uint8Array; log: string; credential: string }
  /** `credential` is the hash, 64 hex digits. */
  initiator: { key: Uint8Array; nonce: Uint8Array; log: string; credential: string }
}

/** The bytes that the initiator signs. */
export function helloProof(introduction: Introduction): Uint8Array {
  return encode('skerry/hello/1', introduction)
}

/** The bytes that the acceptor signs. */
export function welcomeProof(introduction: Introduction): Uint8Array {
  return encode('skerry/welcome/1', introduction)
}

function encode(purpose: string, { space, acceptor, initiator }: Introduction): Uint8Array {
  const writer = new ByteWriter().bytes(encodeUtf8(purpose)).bytes(encodeUtf8(space))
  for (const { key, nonce, log, credential } of [acceptor, initiator]) {
    writer.bytes(key).bytes(nonce).bytes(fromHex(log)).bytes(fromHex(credential))
  }
  return writer.finish()
}
