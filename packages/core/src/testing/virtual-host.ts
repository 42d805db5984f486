/**
 * A host for simulations and tests: time, randomness and timers come from a seed, everything else is computed. All of it runs in
 * microtasks, so that whoever drives the simulation decides what happens when.
 *
 * Signatures are not Ed25519 but keyed hashes of the same sizes, checked by looking the secret up: a world's keys are known to the world.
 * Nobody can forge one without the secret, and they cost a hundredth. Deflate is a run-length code: it shrinks what repeats, no more.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { equalBytes } from '../bytes/compare.ts'
import { toHex } from '../bytes/hex.ts'
import type { Host } from '../host.ts'
import { SeededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'

const PLAIN = 0
const RUNS = 1
const RUN_LENGTH_MAX = 255
/** The first moment of 2026. */
const START_MS = 1_767_225_600_000

export interface VirtualHostOptions {
  /** This host's clock is ahead by so many milliseconds; negative: behind. Read at each `now()`, so it may change. */
  skewMs?: () => number
}

/** The hosts of one simulation: they share time and know each other's keys. */
export class VirtualWorld {
  readonly clock: VirtualClock
  readonly random: SeededRandom
  readonly #secrets = new Map<string, Uint8Array>()

  /** `startMs`: milliseconds since 1970. */
  constructor(seed: number, startMs = START_MS) {
    this.random = new SeededRandom(seed)
    this.clock = new VirtualClock(startMs)
  }

  host({ skewMs = () => 0 }: VirtualHostOptions = {}): Host {
    const random = this.random.fork()
    return {
      now: () => this.clock.nowMs + skewMs(),
      random: (bytes) => random.bytes(bytes),
      timer: (delayMs, run) => this.clock.timer(delayMs, run),
      sha256: (bytes) => sha256(bytes),
      deflateRaw: shrink,
      inflateRaw: expand,
      createKey: async () => {
        const secret = random.bytes(32)
        return { secret, publicKey: this.#learn(secret) }
      },
      sign: async (secret, message) => {
        this.#learn(secret)
        return signatureOf(secret, message)
      },
      verify: async (publicKey, message, signature) => {
        const secret = this.#secrets.get(toHex(publicKey))
        return secret !== undefined && equalBytes(signatureOf(secret, message), signature)
      },
    }
  }

  /** The public key of a secret, which is now known to every host of this world. */
  #learn(secret: Uint8Array): Uint8Array {
    const publicKey = sha256(secret)
    this.#secrets.set(toHex(publicKey), secret.slice())
    return publicKey
  }
}

function signatureOf(secret: Uint8Array, message: Uint8Array): Uint8Array {
  const first = sha256(joined(secret, message))
  return joined(first, sha256(first))
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

/** A tag; then the bytes as they are, or pairs of count and byte. */
function shrink(bytes: Uint8Array): Uint8Array {
  const runs = [RUNS]
  for (let i = 0; i < bytes.length; ) {
    const byte = bytes[i]!
    let count = 1
    while (count < RUN_LENGTH_MAX && bytes[i + count] === byte) count++
    runs.push(count, byte)
    i += count
    if (runs.length > bytes.length) return joined(Uint8Array.of(PLAIN), bytes)
  }
  return Uint8Array.from(runs)
}

/** @throws RangeError when the output would be larger, or the input is not what `shrink` makes */
function expand(bytes: Uint8Array, outputBytesMax: number): Uint8Array {
  if (bytes[0] === PLAIN) return bounded(bytes.slice(1), outputBytesMax)
  if (bytes[0] !== RUNS || bytes.length % 2 === 0) throw new RangeError('inflating: not a deflated body')
  let length = 0
  for (let i = 1; i < bytes.length; i += 2) length += bytes[i]!
  const output = bounded({ length }, outputBytesMax) && new Uint8Array(length)
  for (let i = 1, at = 0; i < bytes.length; i += 2) {
    output.fill(bytes[i + 1]!, at, at + bytes[i]!)
    at += bytes[i]!
  }
  return output
}

function bounded<T extends { length: number }>(output: T, bytesMax: number): T {
  if (output.length > bytesMax) throw new RangeError(`inflating: ${output.length} bytes, limit ${bytesMax}`)
  return output
}
