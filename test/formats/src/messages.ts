/** Every message there is, by the byte of its type: the table of packages/core/src/session/SPEC.md. */
import { readFrame } from './frame.ts'
import * as handshake from './message.ts'
import { readAuthor, readPresence, readWho } from './presence.ts'
import { readAnswer, readAsk, readCompare, readDifferences } from './reconciling.ts'

export const messages: Readonly<
  Record<number, { name: string; read: (message: Uint8Array) => Record<string, unknown> }>
> = {
  1: { name: 'CHALLENGE', read: (message) => ({ ...handshake.readChallenge(message) }) },
  2: { name: 'HELLO', read: handshake.readHello },
  3: { name: 'WELCOME', read: handshake.readWelcome },
  4: { name: 'SHOW', read: (message) => handshake.readNothing(0x04, message) },
  16: { name: 'FRAME', read: (message) => ({ ...readFrame(message) }) },
  17: { name: 'ACK', read: handshake.readAck },
  18: { name: 'CREDIT', read: handshake.readCredit },
  19: { name: 'WANT', read: handshake.readWantMessage },
  20: { name: 'CREDENTIAL', read: handshake.readCredential },
  21: { name: 'GRANTED', read: handshake.readGranted },
  31: { name: 'BYE', read: handshake.readBye },
  32: { name: 'COMPARE', read: (message) => ({ ...readCompare(message) }) },
  33: { name: 'DIFFERENCES', read: readDifferences },
  34: { name: 'ASK', read: readAsk },
  35: { name: 'ANSWER', read: readAnswer },
  48: { name: 'PRESENCE', read: (message) => ({ ...readPresence(message) }) },
  49: { name: 'WHO', read: readWho },
  50: { name: 'AUTHOR', read: readAuthor },
  51: { name: 'HUSH', read: (message) => handshake.readNothing(0x33, message) },
}

export function readMessage(message: Uint8Array): { name: string; said: Record<string, unknown> } {
  const known = messages[message[0] ?? 0]
  if (known === undefined) throw new Error(`type ${message[0]} is no message`)
  return { name: known.name, said: known.read(message) }
}
