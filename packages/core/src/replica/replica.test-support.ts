/** A replica on memory for tests: seeded host, engine started, a crash is opening the same disk again. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { initializeWasm, isWasmInitialized } from '@automerge/automerge/slim'
import * as z from 'zod'
import { fromHex, toHex } from '../bytes/hex.ts'
import type { Host } from '../host.ts'
import { type Credential, CredentialError, type CredentialVerifier } from '../identity/credential.ts'
import { collection } from '../records/collection.ts'
import { counter, keyed, text } from '../records/shape.ts'

export async function startEngine(): Promise<void> {
  if (isWasmInitialized()) return
  await initializeWasm(
    readFileSync(fileURLToPath(import.meta.resolve('@automerge/automerge/automerge.wasm'))),
  )
}

/** xorshift32, so that a failing test fails again. */
function seeded(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const spki = Buffer.from('302a300506032b6570032100', 'hex')

export function testHost(seed = 1): Host & { clock: number } {
  const random = seeded(seed)
  return {
    clock: 1_700_000_000_000,
    now() {
      return this.clock
    },
    random: (bytes) => Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256)),
    timer: (delayMs, run) => {
      const timer = setTimeout(run, delayMs)
      return () => clearTimeout(timer)
    },
    sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
    deflateRaw: (bytes) => new Uint8Array(deflateRawSync(bytes)),
    inflateRaw: (bytes, max) => new Uint8Array(inflateRawSync(bytes, { maxOutputLength: max })),
    verify: async (publicKey, message, signature) =>
      verify(
        null,
        message,
        createPublicKey({ key: Buffer.concat([spki, publicKey]), format: 'der', type: 'spki' }),
        signature,
      ),
    createKey: async () => {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519')
      return {
        secret: new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32)),
        publicKey: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)),
      }
    },
    sign: async (secret, message) =>
      new Uint8Array(
        sign(
          null,
          message,
          createPrivateKey({ key: Buffer.concat([pkcs8, secret]), format: 'der', type: 'pkcs8' }),
        ),
      ),
  }
}

/** Tokens are JSON in the open: the authority's signature is another package's business. */
export function plainVerifier(
  host: Host,
  space = 'main',
  revoked: ReadonlySet<string> = new Set(),
): CredentialVerifier {
  return {
    async verify(token, at) {
      const content = JSON.parse(token) as Credential & { publicKey: string }
      if (revoked.has(content.subject))
        throw new CredentialError('credential-revoked', `${content.subject} was revoked`)
      if (content.space !== space)
        throw new CredentialError('credential-wrong-space', `for space ${content.space}`)
      if (at !== undefined && at > content.expiresAt)
        throw new CredentialError('credential-expired', `${content.subject} expired`)
      return {
        ...content,
        publicKey: fromHex(content.publicKey),
        token,
        hash: toHex(host.sha256(new TextEncoder().encode(token))),
      }
    },
  }
}

export function plainToken(publicKey: Uint8Array, grant: Partial<Credential>): string {
  const content = {
    space: 'main',
    subject: 'tech:ana',
    role: 'device',
    read: ['site:SEA'],
    write: ['site:SEA'],
    systems: [],
    expiresAt: 4_000_000_000_000,
    ...grant,
    publicKey: toHex(publicKey),
  }
  return JSON.stringify(content)
}

export const workOrders = collection(
  'work_orders',
  z.object({
    title: z.string(),
    status: z.enum(['open', 'en_route', 'done']),
    site: z.string(),
    notes: text().optional(),
    hours: counter().optional(),
    parts: keyed('sku', z.object({ sku: z.string(), qty: z.number() })).optional(),
    address: z.object({ city: z.string().optional(), street: z.string().optional() }).optional(),
    tags: z.array(z.string()).optional(),
  }),
  { channels: (r) => [`site:${r.site}`], indexes: ['status', 'site'] },
)
