/**
 * The machine of a simulated node: a clock that the world moves, timers that the world fires, chance from the seed. Everything resolves in
 * microtasks. Signatures are keyed hashes that a shared register can check: as unforgeable as the simulation needs, and a hundred times cheaper.
 */
import { createHash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { equalBytes, type Host, toHex } from '@skerry/core'
import type { Random } from './random.ts'

export class Clock {
  now = 1_700_000_000_000
  #timers: { at: number; run: () => void }[] = []

  timer(delayMs: number, run: () => void): () => void {
    const timer = { at: this.now + delayMs, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  advance(ms: number): void {
    this.now += ms
    const due = this.#timers.filter((timer) => timer.at <= this.now)
    this.#timers = this.#timers.filter((timer) => timer.at > this.now)
    for (const timer of due) timer.run()
  }
}

/** Secrets by public key, for checking signatures. One per world. */
export type KeyRegister = Map<string, Uint8Array>

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())

function keyedHash(secret: Uint8Array, message: Uint8Array): Uint8Array {
  const half = createHash('sha256').update(secret).update(message).digest()
  return new Uint8Array(Buffer.concat([half, half]))
}

export function simulatedHost(random: Random, clock: Clock, keys: KeyRegister): Host {
  return {
    now: () => clock.now,
    random: (bytes) => random.bytes(bytes),
    timer: (delayMs, run) => clock.timer(delayMs, run),
    sha256,
    deflateRaw: (bytes) => new Uint8Array(deflateRawSync(bytes, { level: 1 })),
    inflateRaw: (bytes, outputBytesMax) =>
      new Uint8Array(inflateRawSync(bytes, { maxOutputLength: outputBytesMax })),
    async createKey() {
      const secret = random.bytes(32)
      const publicKey = sha256(secret)
      keys.set(toHex(publicKey), secret)
      return { secret, publicKey }
    },
    sign: async (secret, message) => keyedHash(secret, message),
    async verify(publicKey, message, signature) {
      const secret = keys.get(toHex(publicKey))
      return secret !== undefined && equalBytes(keyedHash(secret, message), signature)
    },
  }
}
