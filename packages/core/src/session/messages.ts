/**
 * Messages and their bytes (SPEC.md, section Encoding). Frames have their own file; everything here is small and rare.
 */
import { ByteReader } from '../bytes/reader.ts'
import { ByteWriter } from '../bytes/writer.ts'
import { authorCodec, presenceCodec, whoCodec } from '../ephemeral/messages.ts'
import type { Travelling } from '../ephemeral/said.ts'
import {
  type Answer,
  type Ask,
  answerCodec,
  askCodec,
  type Compare,
  compareCodec,
  type Differences,
  differencesCodec,
} from '../reconcile/messages.ts'
import type { RunRow, Seq } from '../store/port.ts'
import * as field from './fields.ts'
import * as limit from './limits.ts'
import { ProtocolError, type Refusal, type Want } from './port.ts'

export const messageTypes = {
  challenge: 0x01,
  hello: 0x02,
  welcome: 0x03,
  show: 0x04,
  frame: 0x10,
  ack: 0x11,
  credit: 0x12,
  want: 0x13,
  credential: 0x14,
  granted: 0x15,
  compare: 0x20,
  differences: 0x21,
  ask: 0x22,
  answer: 0x23,
  presence: 0x30,
  who: 0x31,
  author: 0x32,
  hush: 0x33,
  bye: 0x1f,
} as const

export type MessageName = keyof typeof messageTypes
export type ControlName = Exclude<MessageName, 'frame'>

interface Fields {
  challenge: {
    versionMin: number
    versionMax: number
    space: string
    key: Uint8Array
    log: string
    /** Hash of the acceptor's credential, 64 hex digits. */
    credential: string
    nonce: Uint8Array
  }
  hello: {
    version: number
    key: Uint8Array
    log: string
    runs: readonly RunRow[]
    nonce: Uint8Array
    credential: field.CredentialName
    /** The acceptor's credential is not known here: WELCOME must show it. */
    show: boolean
    want: Want
    proof: Uint8Array
  }
  welcome: {
    runs: readonly RunRow[]
    /** Of the acceptor's credential; empty when HELLO did not ask for it. */
    token: string
    read: readonly string[]
    write: readonly string[]
    refused: readonly string[]
    want: Want
    creditBytes: number
    proof: Uint8Array
  }
  show: object
  /** `head`: of the log of who acknowledges, when that was durable. */
  ack: { position: Seq; head: Seq; refusals: readonly Refusal[] }
  credit: { bytes: number }
  want: { want: Want }
  credential: { token: string }
  granted: {
    wantNumber: number
    read: readonly string[]
    write: readonly string[]
    refused: readonly string[]
  }
  compare: Compare
  differences: Differences
  ask: Ask
  answer: Answer
  presence: Travelling
  who: { credential: string }
  author: { token: string }
  hush: object
  bye: { code: string; problem: string }
}

export type MessageOf<N extends ControlName> = { [K in N]: Fields[K] & { type: K } }[N]
export type Message = MessageOf<ControlName>

type Codecs = {
  [N in ControlName]: {
    write(writer: ByteWriter, message: MessageOf<N>): void
    /** `log` is the reader's own: cursors in a want are positions in it. */
    read(reader: ByteReader, log: string): MessageOf<N>
  }
}

const codecs: Codecs = {
  challenge: {
    write(writer, { versionMin, versionMax, space, key, log, credential, nonce }) {
      writer.varint(versionMin).varint(versionMax)
      field.writeText(writer, space, limit.SPACE_BYTES_MAX, 'a space')
      field.writeFixed(writer, key, limit.KEY_BYTES, 'a node key')
      field.writeHex(writer, log, limit.ID_BYTES, 'a log id')
      field.writeHex(writer, credential, limit.HASH_BYTES, 'a credential hash')
      field.writeFixed(writer, nonce, limit.NONCE_BYTES, 'a nonce')
    },
    read: (reader) => ({
      type: 'challenge',
      versionMin: reader.varint(),
      versionMax: reader.varint(),
      space: reader.string(limit.SPACE_BYTES_MAX),
      key: reader.raw(limit.KEY_BYTES),
      log: field.readHex(reader, limit.ID_BYTES),
      credential: field.readHex(reader, limit.HASH_BYTES),
      nonce: reader.raw(limit.NONCE_BYTES),
    }),
  },
  hello: {
    write(writer, { version, key, log, runs, nonce, credential, show, want, proof }) {
      writer.varint(version)
      field.writeFixed(writer, key, limit.KEY_BYTES, 'a node key')
      field.writeHex(writer, log, limit.ID_BYTES, 'a log id')
      field.writeRuns(writer, runs)
      field.writeFixed(writer, nonce, limit.NONCE_BYTES, 'a nonce')
      field.writeCredential(writer, credential)
      writer.u8(show ? 1 : 0)
      field.writeWant(writer, want)
      field.writeFixed(writer, proof, limit.PROOF_BYTES, 'a proof')
    },
    read: (reader, log) => ({
      type: 'hello',
      version: reader.varint(),
      key: reader.raw(limit.KEY_BYTES),
      log: field.readHex(reader, limit.ID_BYTES),
      runs: field.readRuns(reader),
      nonce: reader.raw(limit.NONCE_BYTES),
      credential: field.readCredential(reader),
      show: reader.varint(1) === 1,
      want: field.readWant(reader, log),
      proof: reader.raw(limit.PROOF_BYTES),
    }),
  },
  welcome: {
    write(writer, { runs, token, read, write, refused, want, creditBytes, proof }) {
      field.writeRuns(writer, runs)
      field.writeText(writer, token, limit.TOKEN_BYTES_MAX, 'a credential')
      field.writeNames(writer, read)
      field.writeNames(writer, write)
      field.writeNames(writer, refused)
      field.writeWant(writer, want)
      writer.varint(creditBytes)
      field.writeFixed(writer, proof, limit.PROOF_BYTES, 'a proof')
    },
    read: (reader, log) => ({
      type: 'welcome',
      runs: field.readRuns(reader),
      token: reader.string(limit.TOKEN_BYTES_MAX),
      read: field.readNames(reader),
      write: field.readNames(reader),
      refused: field.readNames(reader),
      want: field.readWant(reader, log),
      creditBytes: reader.varint(),
      proof: reader.raw(limit.PROOF_BYTES),
    }),
  },
  show: { write: () => undefined, read: () => ({ type: 'show' }) },
  ack: {
    write(writer, { position, head, refusals }) {
      writer.varint(position)
      writer.varint(head)
      field.writeCount(writer, refusals.length, limit.REFUSALS_PER_ACK_MAX, 'refusals')
      for (const { seq, code, reason } of refusals) {
        writer.varint(seq)
        field.writeText(writer, code, limit.REFUSAL_CODE_BYTES_MAX, 'a refusal code')
        field.writeText(writer, reason, limit.REFUSAL_REASON_BYTES_MAX, 'a refusal reason')
      }
    },
    read: (reader) => ({
      type: 'ack',
      position: reader.varint(),
      head: reader.varint(),
      refusals: Array.from({ length: reader.varint(limit.REFUSALS_PER_ACK_MAX) }, () => ({
        seq: reader.varint(),
        code: reader.string(limit.REFUSAL_CODE_BYTES_MAX),
        reason: reader.string(limit.REFUSAL_REASON_BYTES_MAX),
      })),
    }),
  },
  credit: {
    write: (writer, { bytes }) => void writer.varint(bytes),
    read: (reader) => ({ type: 'credit', bytes: reader.varint() }),
  },
  want: {
    write: (writer, { want }) => field.writeWant(writer, want),
    read: (reader, log) => ({ type: 'want', want: field.readWant(reader, log) }),
  },
  credential: {
    write: (writer, { token }) => field.writeText(writer, token, limit.TOKEN_BYTES_MAX, 'a credential'),
    read: (reader) => ({ type: 'credential', token: reader.string(limit.TOKEN_BYTES_MAX) }),
  },
  granted: {
    write(writer, { wantNumber, read, write, refused }) {
      writer.varint(wantNumber)
      field.writeNames(writer, read)
      field.writeNames(writer, write)
      field.writeNames(writer, refused)
    },
    read: (reader) => ({
      type: 'granted',
      wantNumber: reader.varint(),
      read: field.readNames(reader),
      write: field.readNames(reader),
      refused: field.readNames(reader),
    }),
  },
  compare: {
    write: compareCodec.write,
    read: (reader) => ({ type: 'compare', ...compareCodec.read(reader) }),
  },
  differences: {
    write: differencesCodec.write,
    read: (reader) => ({ type: 'differences', ...differencesCodec.read(reader) }),
  },
  ask: { write: askCodec.write, read: (reader) => ({ type: 'ask', ...askCodec.read(reader) }) },
  answer: { write: answerCodec.write, read: (reader) => ({ type: 'answer', ...answerCodec.read(reader) }) },
  presence: {
    write: presenceCodec.write,
    read: (reader) => ({ type: 'presence', ...presenceCodec.read(reader) }),
  },
  who: { write: whoCodec.write, read: (reader) => ({ type: 'who', ...whoCodec.read(reader) }) },
  author: { write: authorCodec.write, read: (reader) => ({ type: 'author', ...authorCodec.read(reader) }) },
  hush: { write: () => undefined, read: () => ({ type: 'hush' }) },
  bye: {
    write(writer, { code, problem }) {
      field.writeText(writer, code, limit.BYE_CODE_BYTES_MAX, 'a code')
      field.writeText(writer, problem, limit.PROBLEM_BYTES_MAX, 'a problem')
    },
    read: (reader) => ({
      type: 'bye',
      code: reader.string(limit.BYE_CODE_BYTES_MAX),
      problem: reader.string(limit.PROBLEM_BYTES_MAX),
    }),
  },
}

const namesByType = new Map<number, MessageName>(
  (Object.keys(messageTypes) as MessageName[]).map((name) => [messageTypes[name], name]),
)

/** @throws ProtocolError malformed (no bytes), unexpected-message (a type that version 1 does not know) */
export function messageName(bytes: Uint8Array): MessageName {
  const type = bytes[0]
  if (type === undefined) throw new ProtocolError('malformed', 'reading a message: it has no bytes')
  const name = namesByType.get(type)
  if (name === undefined) {
    throw new ProtocolError(
      'unexpected-message',
      `reading a message: type 0x${type.toString(16)} is not in version 1`,
    )
  }
  return name
}

/** @throws RangeError when a field is beyond its limit */
export function encodeMessage<N extends ControlName>(message: MessageOf<N>): Uint8Array {
  const writer = new ByteWriter().u8(messageTypes[message.type])
  codecs[message.type].write(writer, message)
  return writer.finish()
}

/** Any message but a frame. `log` is this replica's own. @throws ProtocolError malformed */
export function decodeMessage<N extends ControlName>(name: N, bytes: Uint8Array, log: string): MessageOf<N> {
  return field.reading(name, () => {
    const reader = new ByteReader(bytes, 1)
    const message = codecs[name].read(reader, log)
    if (reader.remaining > 0) {
      throw new ProtocolError('malformed', `reading ${name}: ${reader.remaining} bytes after its last field`)
    }
    return message
  })
}
