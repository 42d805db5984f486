/** What a page and the server say to each other, and how either side checks what it hears (SPEC, Messages). */
import { isCount as isId, isObject, isText } from './checks.ts'
import { NAME_LENGTH_MAX } from './limits.ts'
import { isCallName, isWatchName, liveMethods, type Methods } from './methods.ts'

/** Rises when a message changes its meaning; pages and workers of two protocols do not talk (V-1). */
export const PROTOCOL = 2

/** Who speaks: of two builds, which is the newer one. */
export interface Build {
  protocol: number
  /** The app's. */
  version: number
}

export interface Hello extends Build {
  kind: 'hello'
  tab: string
}

export interface WireError {
  name: string
  code: string
  message: string
  issues?: readonly { path: string; message: string }[] | undefined
}

/** What is asked of a port: its calls and its watches. */
export type Asked =
  | { kind: 'call'; id: number; name: string; args: readonly unknown[] }
  | { kind: 'abort'; id: number }
  | { kind: 'watch'; id: number; name: string; args: readonly unknown[] }
  | { kind: 'stop'; id: number }

/** What a port answers. */
export type Answered =
  | { kind: 'done'; id: number; value: unknown }
  | { kind: 'failed'; id: number; error: WireError }
  | { kind: 'told'; id: number; value: unknown }
  | { kind: 'ended'; id: number; error: WireError }

export type ToServer =
  | Hello
  | Asked
  | { kind: 'wake' }
  | { kind: 'bye' }
  /** Of the inspection port, which has numbers of its own. */
  | { kind: 'inspect'; message: unknown }

export type ToPage =
  | (Build & { kind: 'welcome'; server: string })
  | { kind: 'reload' }
  | Answered
  | { kind: 'inspect'; message: unknown }

/** What everybody of one name hears. */
export type InLobby =
  | (Build & { kind: 'knock'; tab: string })
  | { kind: 'here' }
  | (Build & { kind: 'yield' })
  | (Build & { kind: 'sits' })

type Fields = Readonly<Record<string, unknown>>

/** Undefined for what is none. */
export function readToServer(data: unknown): ToServer | undefined {
  const fields = fieldsOf(data)
  switch (fields?.kind) {
    case 'hello':
      return isBuild(fields) && isName(fields.tab) ? (data as ToServer) : undefined
    case 'wake':
    case 'bye':
    case 'inspect':
      return data as ToServer
    default:
      return readAsked(data, liveMethods)
  }
}

export function readAsked(data: unknown, methods: Methods): Asked | undefined {
  const fields = fieldsOf(data)
  if (!fields || !isId(fields.id)) return undefined
  const { kind, name, args } = fields
  const isWhole =
    kind === 'abort' ||
    kind === 'stop' ||
    (kind === 'call' && isCallName(methods, name) && Array.isArray(args)) ||
    (kind === 'watch' && isWatchName(methods, name) && Array.isArray(args))
  return isWhole ? (data as Asked) : undefined
}

export function readToPage(data: unknown): ToPage | undefined {
  const fields = fieldsOf(data)
  switch (fields?.kind) {
    case 'welcome':
      return isBuild(fields) && isName(fields.server) ? (data as ToPage) : undefined
    case 'reload':
    case 'inspect':
      return data as ToPage
    default:
      return readAnswered(data)
  }
}

export function readAnswered(data: unknown): Answered | undefined {
  const fields = fieldsOf(data)
  if (!fields || !isId(fields.id)) return undefined
  const { kind, error } = fields
  const isWhole =
    kind === 'done' || kind === 'told' || ((kind === 'failed' || kind === 'ended') && isError(error))
  return isWhole ? (data as Answered) : undefined
}

export function readInLobby(data: unknown): InLobby | undefined {
  const fields = fieldsOf(data)
  switch (fields?.kind) {
    case 'knock':
      return isBuild(fields) && isName(fields.tab) ? (data as InLobby) : undefined
    case 'yield':
    case 'sits':
      return isBuild(fields) ? (data as InLobby) : undefined
    case 'here':
      return { kind: 'here' }
    default:
      return undefined
  }
}

/** The number of the call or watch that a malformed message was about. */
export function idOf(data: unknown): number | undefined {
  const id = fieldsOf(data)?.id
  return isId(id) ? id : undefined
}

/** Below 0: `a` is the older build. */
export function compareBuilds(a: Build, b: Build): number {
  return a.protocol - b.protocol || a.version - b.version
}

function fieldsOf(data: unknown): Fields | undefined {
  return isObject(data) ? data : undefined
}

function isName(value: unknown): value is string {
  return isText(value) && value.length > 0 && value.length <= NAME_LENGTH_MAX
}

function isBuild({ protocol, version }: Fields): boolean {
  return Number.isSafeInteger(protocol) && typeof version === 'number' && Number.isFinite(version)
}

function isError(value: unknown): value is WireError {
  if (!isObject(value)) return false
  const { name, code, message, issues } = value
  const isIssue = (one: unknown) => isObject(one) && isText(one.path) && isText(one.message)
  return (
    isText(name) &&
    isText(code) &&
    isText(message) &&
    (issues === undefined || (Array.isArray(issues) && issues.every(isIssue)))
  )
}
