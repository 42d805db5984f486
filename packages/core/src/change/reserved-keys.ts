// Keys that plain JavaScript objects do not keep as data: a document with one of them lies about its own
// fields (Automerge hands it out as the prototype of what it was written into).

const RESERVED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

export function isReservedKey(key: string): boolean {
  return RESERVED_KEYS.has(key)
}
