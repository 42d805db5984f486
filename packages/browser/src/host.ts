/** Core's host in a browser: the page's or worker's clock, timers and randomness, signatures by its cryptography, hashes and deflate in code, since what the browser has of them is asynchronous. */
import { sha256 } from '@noble/hashes/sha2.js'
import type { Host } from '@skerry/core'
import { deflateSync } from 'fflate'
import { type Ed25519, ed25519 } from './ed25519.ts'
import { inflateBounded } from './inflate.ts'

/** Frames are compressed while somebody waits: level 1 is a third of the time of level 6 for 10 % more bytes. */
const DEFLATE_LEVEL = 1
/** RFC 8032, section 5.1. */
const PUBLIC_KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** Browsers fire a timer above 2^31 - 1 ms at once. */
const TIMER_MS_MAX = 2 ** 31 - 1
/** `getRandomValues` gives no more at once. */
const RANDOM_BYTES_MAX = 65_536

export interface BrowserHostOptions {
  /** The browser's cryptography; null: as if it had none. Default `crypto.subtle`. */
  subtle?: SubtleCrypto | null
}

export function browserHost({ subtle = crypto.subtle ?? null }: BrowserHostOptions = {}): Host {
  let found: Promise<Ed25519> | undefined
  const signatures = () => {
    found ??= ed25519(subtle ?? undefined)
    return found
  }
  return {
    now: () => Date.now(),
    random,
    // Browsers count elapsed time, whatever the clock is set to meanwhile.
    timer: (delayMs, run) => {
      const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), TIMER_MS_MAX))
      return () => clearTimeout(timer)
    },
    sha256: (bytes) => sha256(bytes),
    deflateRaw: (bytes) => deflateSync(bytes, { level: DEFLATE_LEVEL }),
    inflateRaw: inflateBounded,
    async verify(publicKey, message, signature) {
      // A key or signature of another length, as a stranger may send, is not one that could be right.
      if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false
      return (await signatures()).verify(publicKey, message, signature)
    },
    createKey: async () => (await signatures()).createKey(),
    sign: async (secret, message) => (await signatures()).sign(secret, message),
  }
}

function random(bytes: number): Uint8Array {
  const made = new Uint8Array(bytes)
  for (let at = 0; at < bytes; at += RANDOM_BYTES_MAX)
    crypto.getRandomValues(made.subarray(at, at + RANDOM_BYTES_MAX))
  return made
}
