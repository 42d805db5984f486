// For tests only: the real Automerge, and the machine's own hash and inflater.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { inflateRawSync } from 'node:zlib'
import * as Automerge from '@automerge/automerge/slim'
import type { ChangeHost } from './ports.ts'

const wasmPath = createRequire(import.meta.url).resolve('@automerge/automerge/automerge.wasm')
await Automerge.initializeWasm(readFileSync(wasmPath))

export { Automerge }

export const host: ChangeHost = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  inflateRaw: (bytes, outputBytesMax) => inflateRawSync(bytes, { maxOutputLength: outputBytesMax }),
}

/** A run actor that differs by its last byte. */
export function runActor(n: number): string {
  return `00${'5a'.repeat(15)}${n.toString(16).padStart(2, '0')}`
}

/** xorshift32: whole numbers below `n`, the same for the same seed. */
export function seeded(seed: number): (n: number) => number {
  let state = seed >>> 0 || 1
  return (n) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % n
  }
}
