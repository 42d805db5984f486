/**
 * What a simulated process gets from its machine: a wall clock that may jump, timers of the world's scheduler, chance from the seed. Everything resolves in
 * microtasks. Signatures are keyed hashes that a shared register can check: as unforgeable as the simulation needs, and a hundred times cheaper.
 */
import { hash } from 'node:crypto'
import { equalBytes, type Host, toHex } from '@skerry/core'
import type { WallClock } from './clock.ts'
import type { Life } from './life.ts'
import type { Random } from './random.ts'

/** Secrets by public key, for checking signatures. One per world. */
export type KeyRegister = Map<string, Uint8Array>

export interface Machine {
  clock: WallClock
  random: Random
  keys: KeyRegister
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', bytes, 'buffer'))
}

export function simulatedHost({ clock, random, keys }: Machine, life: Life): Host {
  return {
    now: () => clock.nowMs,
    random: (bytes) => random.bytes(bytes),
    timer: (delayMs, run) => life.timer(delayMs, run),
    sha256,
    deflateRaw: shrink,
    inflateRaw: expand,
    createKey: () => life.hear(Promise.resolve(createKey(random, keys))),
    sign: (secret, message) => life.hear(Promise.resolve(keyedHash(secret, message))),
    verify: (publicKey, message, signature) => {
      const secret = keys.get(toHex(publicKey))
      const holds = secret !== undefined && equalBytes(keyedHash(secret, message), signature)
      return life.hear(Promise.resolve(holds))
    },
  }
}

function createKey(random: Random, keys: KeyRegister) {
  const secret = random.bytes(32)
  const publicKey = sha256(secret)
  keys.set(toHex(publicKey), secret)
  return { secret, publicKey }
}

function keyedHash(secret: Uint8Array, message: Uint8Array): Uint8Array {
  const half = sha256(Buffer.concat([secret, message]))
  return new Uint8Array(Buffer.concat([half, half]))
}

/** Deflate as a run-length code of zeros: shrinks what a simulation sends now and then, at a hundredth of the cost. */
function shrink(bytes: Uint8Array): Uint8Array {
  const out: number[] = []
  for (let i = 0; i < bytes.length; ) {
    let zeros = 0
    while (zeros < 255 && bytes[i + zeros] === 0) zeros += 1
    if (zeros > 0) out.push(0, zeros)
    else out.push(bytes[i]!)
    i += Math.max(1, zeros)
  }
  return Uint8Array.from(out)
}

/** @throws RangeError when the output would be larger, or the input is not what `shrink` makes */
export function expand(bytes: Uint8Array, outputBytesMax: number): Uint8Array {
  const out: number[] = []
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0) out.push(bytes[i]!)
    else {
      const zeros = bytes[++i]
      if (!zeros) throw new RangeError('inflating: not a deflated body')
      for (let n = 0; n < zeros; n++) out.push(0)
    }
    if (out.length > outputBytesMax) throw new RangeError(`inflating: more than ${outputBytesMax} bytes`)
  }
  return Uint8Array.from(out)
}
