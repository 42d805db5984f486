// Why a change was not let in. The codes are closed and stable: they are metrics labels, receipts' reasons
// and test names.

export type ChangeRefusalCode =
  | 'too-large'
  | 'truncated'
  | 'bad-magic'
  | 'bad-type'
  | 'bad-checksum'
  | 'inflate-bomb'
  | 'malformed'
  | 'not-canonical'
  | 'bad-actor'
  | 'message-too-long'
  | 'key-too-long'
  | 'too-many-operations'
  | 'too-many-predecessors'
  | 'too-many-dependencies'
  | 'too-many-actors'
  | 'too-deep'
  | 'reserved-key'
  | 'unsupported-operation'
  | 'unsafe-integer'
  | 'forged-container'

/** Thrown by everything in this directory that looks at foreign bytes; nothing else is. */
export class ChangeRefused extends Error {
  readonly code: ChangeRefusalCode

  constructor(code: ChangeRefusalCode, message: string, cause?: unknown) {
    super(`change refused (${code}): ${message}`, cause === undefined ? undefined : { cause })
    this.name = 'ChangeRefused'
    this.code = code
  }
}

/** `code` because `what` is `value` where `limit` is the most allowed. */
export function aboveLimit(
  code: ChangeRefusalCode,
  what: string,
  value: number,
  limit: number,
): ChangeRefused {
  return new ChangeRefused(code, `${what} is ${value}, limit ${limit}`)
}

const damaged: readonly ChangeRefusalCode[] = ['truncated', 'bad-magic', 'bad-type', 'bad-checksum']
const tooMuch: readonly ChangeRefusalCode[] = [
  'too-large',
  'inflate-bomb',
  'message-too-long',
  'key-too-long',
  'too-many-operations',
  'too-many-predecessors',
  'too-many-dependencies',
  'too-many-actors',
  'too-deep',
]

/** What whoever wrote such a change can do about it. */
export function adviceOn(code: ChangeRefusalCode): string {
  if (damaged.includes(code)) return 'it was damaged on its way or on a disk; look at the device that told it'
  if (tooMuch.includes(code)) return 'write it in smaller edits'
  return 'this software never writes such a change; update the app that did, or revoke its credential'
}
