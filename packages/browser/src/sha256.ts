/**
 * SHA-256 (FIPS 180-4) in code: core hashes in the middle of its work, and what the browser has of it is asynchronous. A library for all of its family is three times the code, and every app would load it; the numbers
 * of the standard are computed, which is shorter than writing them down, and exact: 35 bits of a square or cube root, of the 53 that a number has.
 */

const BLOCK_BYTES = 64
const ROUNDS = 64
/** The message's length in bits is said in the last 8 bytes, after one bit that ends it. */
const END_BYTES = 9

/** First 32 bits of the fractional parts of the roots of the first primes. */
const fraction = (root: number) => (root * 2 ** 32) | 0
const primes = firstPrimes(ROUNDS)
const START = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime) % 1))
const CONSTANTS = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime) % 1))

/** Room for one message schedule: hashing is never interrupted. */
const words = new Int32Array(ROUNDS)

export function sha256(bytes: Uint8Array): Uint8Array {
  const state = Int32Array.from(START)
  const whole = bytes.length - (bytes.length % BLOCK_BYTES)
  takeBlocks(state, bytes, whole)
  const end = ended(bytes, whole)
  takeBlocks(state, end, end.length)
  const hash = new Uint8Array(32)
  for (let i = 0; i < 32; i++) hash[i] = state[i >> 2]! >>> (24 - 8 * (i & 3))
  return hash
}

/** What of a message is above these bytes, with its end: one block or two. */
function ended(bytes: Uint8Array, whole: number): Uint8Array {
  const rest = bytes.length - whole
  const padded = new Uint8Array(rest + END_BYTES <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES)
  for (let i = 0; i < rest; i++) padded[i] = bytes[whole + i]!
  padded[rest] = 0x80
  let bits = bytes.length * 8
  for (let i = padded.length - 1; bits > 0; i--) {
    padded[i] = bits % 256
    bits = Math.floor(bits / 256)
  }
  return padded
}

/** Section 6.2.2. */
function takeBlocks(state: Int32Array, bytes: Uint8Array, length: number): void {
  for (let at = 0; at < length; ) {
    for (let i = 0; i < 16; i++, at += 4)
      words[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
    for (let i = 16; i < ROUNDS; i++) {
      const x = words[i - 15]!
      const y = words[i - 2]!
      words[i] =
        words[i - 16]! +
        words[i - 7]! +
        (turned(x, 7) ^ turned(x, 18) ^ (x >>> 3)) +
        (turned(y, 17) ^ turned(y, 19) ^ (y >>> 10))
    }
    takeBlock(state)
  }
}

function takeBlock(state: Int32Array): void {
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  for (let i = 0; i < ROUNDS; i++) {
    const chosen = (e & f) ^ (~e & g)
    const first =
      (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + chosen + CONSTANTS[i]! + words[i]!) | 0
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
  state[4]! += e
  state[5]! += f
  state[6]! += g
  state[7]! += h
}

/** To the right, by so many bits. */
function turned(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

function firstPrimes(count: number): number[] {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate++)
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate)
  return found
}
