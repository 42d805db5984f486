/** Messages of a session, as packages/core/src/session/SPEC.md has them; frames, comparisons and presences have files of their own. */
import { Fields, written } from './fields.ts'

export interface Challenge {
  versions: [min: number, max: number]
  space: string
  key: Uint8Array
  log: string
  credential: string
  nonce: Uint8Array
}

export function after(type: number, message: Uint8Array): Fields {
  if (message[0] !== type) throw new Error(`type ${message[0]} in the place of ${type}`)
  return new Fields(message.subarray(1))
}

export function readChallenge(message: Uint8Array): Challenge {
  const fields = after(0x01, message)
  return fields.done({
    versions: [fields.varint(), fields.varint()],
    space: fields.string(),
    key: fields.raw(32),
    log: fields.hex(16),
    credential: fields.hex(32),
    nonce: fields.raw(32),
  })
}

export type Want =
  | { kind: 'nothing' }
  | { kind: 'log'; run: string; seq: number }
  | { kind: 'channels'; views: boolean; channels: Record<string, { run: string; seq: number } | undefined> }

function readWant(fields: Fields): Want {
  const kind = fields.u8()
  if (kind === 0) return { kind: 'nothing' }
  if (kind === 1) return { kind: 'log', run: fields.hex(16), seq: fields.varint() }
  if (kind > 3) throw new Error(`a want of kind ${kind}`)
  const runs = fields.list(() => fields.hex(16))
  const channels = fields.list(() => {
    const channel = fields.string()
    const run = fields.varint()
    return [channel, run === 0 ? undefined : { run: runs[run - 1]!, seq: fields.varint() }] as const
  })
  return { kind: 'channels', views: kind === 3, channels: Object.fromEntries(channels) }
}

const readRuns = (fields: Fields) => fields.list(() => ({ run: fields.hex(16), first: fields.varint() }))

function readShow(fields: Fields): number {
  const show = fields.u8()
  if (show > 1) throw new Error(`${show} where 0 or 1 stands`)
  return show
}

export function readHello(message: Uint8Array) {
  const fields = after(0x02, message)
  return fields.done({
    version: fields.varint(),
    key: fields.raw(32),
    log: fields.hex(16),
    runs: readRuns(fields),
    nonce: fields.raw(32),
    credential: { hash: fields.hex(32), token: fields.string() },
    show: readShow(fields),
    want: readWant(fields),
    proof: fields.raw(64),
  })
}

export function readWelcome(message: Uint8Array) {
  const fields = after(0x03, message)
  return fields.done({
    runs: readRuns(fields),
    token: fields.string(),
    read: fields.list(() => fields.string()),
    write: fields.list(() => fields.string()),
    refused: fields.list(() => fields.string()),
    want: readWant(fields),
    credit: fields.varint(),
    proof: fields.raw(64),
  })
}

interface Side {
  key: Uint8Array
  nonce: Uint8Array
  log: string
  credential: string
}

/** H3 */
export function proven(purpose: string, space: string, acceptor: Side, initiator: Side): Uint8Array {
  const parts = [acceptor, initiator].flatMap(({ key, nonce, log, credential }) =>
    [key, nonce, Buffer.from(log, 'hex'), Buffer.from(credential, 'hex')].map(written.bytes),
  )
  return Buffer.concat([written.string(purpose), written.string(space), ...parts])
}

export function readAck(message: Uint8Array) {
  const fields = after(0x11, message)
  return fields.done({
    position: fields.varint(),
    head: fields.varint(),
    refusals: fields.list(() => ({ seq: fields.varint(), code: fields.string(), reason: fields.string() })),
  })
}

export function readCredit(message: Uint8Array) {
  const fields = after(0x12, message)
  return fields.done({ bytes: fields.varint() })
}

export function readWantMessage(message: Uint8Array) {
  const fields = after(0x13, message)
  return fields.done({ want: readWant(fields) })
}

export function readCredential(message: Uint8Array) {
  const fields = after(0x14, message)
  return fields.done({ token: fields.string() })
}

export function readGranted(message: Uint8Array) {
  const fields = after(0x15, message)
  return fields.done({
    want: fields.varint(),
    read: fields.list(() => fields.string()),
    write: fields.list(() => fields.string()),
    refused: fields.list(() => fields.string()),
  })
}

export function readBye(message: Uint8Array) {
  const fields = after(0x1f, message)
  return fields.done({ code: fields.string(), problem: JSON.parse(fields.string()) as Problem })
}

export interface Problem {
  type: string
  title: string
  detail: string
  code: string
  retryable: boolean
  revocation?: { entry: string; credential: string }
}

/** SHOW and HUSH say nothing but that. */
export function readNothing(type: number, message: Uint8Array): Record<string, never> {
  return after(type, message).done({})
}
