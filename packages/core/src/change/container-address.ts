// Names a container: where it is, what it is, and how often it was made anew. The commit message of its
// change carries the name as text:
//
//   m["parts"]                 the map at key parts of the root
//   t["parts","SKU-12","note"] a text, two maps down
//   c["visits",2]              the counter visits, generation 2; a number belongs to the key before it, 0 is left out
//
// A letter for the kind, then JSON without spaces. One address has one spelling; any other is found out when
// the change is recomputed.

import { encodeUtf8 } from '../bytes/utf8.ts'
import { defaultChangeLimits } from './limits.ts'
import { aboveLimit, ChangeRefused } from './refused.ts'
import { isReservedKey } from './reserved-keys.ts'

export type ContainerKind = 'map' | 'list' | 'text' | 'counter'

export interface PathStep {
  readonly key: string
  /** 0, and one more each time the container was deleted and made anew. */
  readonly generation: number
}

/** `path` goes from the root to the container; all but its last step are maps. */
export interface ContainerAddress {
  readonly record: string
  /** Of the record: raised when it is deleted and created again. */
  readonly incarnation: number
  readonly path: readonly PathStep[]
  readonly kind: ContainerKind
}

const LETTERS = { map: 'm', list: 'l', text: 't', counter: 'c' } as const
const kindByLetter = new Map(
  Object.entries(LETTERS).map(([kind, letter]) => [letter as string, kind as ContainerKind]),
)

/** The commit message of the container's change. */
export function addressText({ path, kind }: ContainerAddress): string {
  const parts: (string | number)[] = []
  for (const { key, generation } of path) {
    parts.push(key)
    if (generation !== 0) parts.push(generation)
  }
  return LETTERS[kind] + JSON.stringify(parts)
}

/**
 * Reads `addressText` back. Throws `ChangeRefused` 'forged-container' when it is none. What it names is not
 * checked here.
 */
export function parseAddress(text: string, record: string, incarnation: number): ContainerAddress {
  const kind = kindByLetter.get(text.charAt(0))
  const parts = parseJson(text.slice(1))
  if (kind === undefined || !Array.isArray(parts)) throw forged(text)
  const path: { key: string; generation: number }[] = []
  for (const part of parts as unknown[]) {
    const last = path.at(-1)
    if (typeof part === 'string') path.push({ key: part, generation: 0 })
    else if (typeof part === 'number' && part !== 0 && last?.generation === 0) last.generation = part
    else throw forged(text)
  }
  return { record, incarnation, path, kind }
}

/**
 * The message, after checking what it names. Throws `ChangeRefused`: 'malformed' for an empty path, a lone
 * surrogate or a number that is no count, 'reserved-key', 'key-too-long', 'too-deep', 'message-too-long'. The
 * ceilings are the defaults, for all replicas alike: an address that one accepts, all accept.
 */
export function checkedAddressText(address: ContainerAddress): string {
  const { depthMax, keyBytesMax, messageBytesMax } = defaultChangeLimits
  if (address.path.length === 0)
    throw new ChangeRefused('malformed', 'a container needs a path: the root is no container')
  if (address.path.length > depthMax)
    throw aboveLimit('too-deep', 'the depth of a container', address.path.length, depthMax)
  checkCount('incarnation', address.incarnation)
  for (const { key, generation } of address.path) {
    checkCount('generation', generation)
    if (isReservedKey(key)) throw new ChangeRefused('reserved-key', `a container at the key ${key}`)
    if (!key.isWellFormed())
      throw new ChangeRefused('malformed', `the key ${JSON.stringify(key)} has half a character`)
    if (exceeds(key, keyBytesMax))
      throw aboveLimit('key-too-long', 'a container key in bytes', encodeUtf8(key).length, keyBytesMax)
  }
  const text = addressText(address)
  if (exceeds(text, messageBytesMax)) {
    throw aboveLimit(
      'message-too-long',
      'the address of a container in bytes',
      encodeUtf8(text).length,
      messageBytesMax,
    )
  }
  return text
}

/**
 * Whether `text` has more than `bytesMax` bytes of UTF-8; a UTF-16 unit takes at most three, so most texts
 * are not encoded.
 */
function exceeds(text: string, bytesMax: number): boolean {
  return text.length * 3 > bytesMax && encodeUtf8(text).length > bytesMax
}

function checkCount(what: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new ChangeRefused('malformed', `${what} ${value}, it counts from 0`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ChangeRefused(
      'forged-container',
      `${JSON.stringify(text.slice(0, 64))} is no container address`,
      cause,
    )
  }
}

function forged(text: string): ChangeRefused {
  return new ChangeRefused('forged-container', `${JSON.stringify(text.slice(0, 64))} is no container address`)
}
