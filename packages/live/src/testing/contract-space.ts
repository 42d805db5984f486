/**
 * A hub and a device of one space in memory, with real replicas on them: what an implementation of the port is tried on. Signatures are those of a virtual world; time is the machine's, since ports and
 * workers know no other.
 */
import {
  type Credential,
  CredentialError,
  type CredentialVerifier,
  type Host,
  MemoryDisk,
  memoryStore,
  openReplica,
  type Replica,
  toHex,
} from '@skerry/core'
import { hubRole } from '@skerry/core/hub'
import { VirtualWorld } from '@skerry/core/testing'
import { jobs } from './jobs.ts'
import { MemoryLine } from './memory-line.ts'

type Collections = { jobs: typeof jobs }
export type JobsReplica = Replica<Collections>

const SPACE = 'acme'
const EXPIRES_AT = 4_000_000_000_000
export const CHANNEL = 'site:SEA'

export interface ContractSpace {
  readonly host: Host
  readonly hub: JobsReplica
  readonly edge: JobsReplica
  /** What is durable of the device. */
  readonly disk: MemoryDisk
  /** For `liveOver`, or whatever opens the line in an implementation. */
  connect(): MemoryLine
  /** A credential for the device that grants CHANNEL. */
  token(): string
  /** Commits wait from now on, until what is returned is called. */
  holdCommits(): () => void
  /** The power goes, and the device is opened again on what was durable. */
  reopen(): Promise<JobsReplica>
  close(): Promise<void>
}

/** The engine must be started. */
export async function contractSpace({ enrolled = true } = {}): Promise<ContractSpace> {
  const world = new VirtualWorld(1)
  const host: Host = {
    ...world.host(),
    now: () => Date.now(),
    timer: (delayMs, run) => {
      const timer = setTimeout(run, delayMs)
      return () => clearTimeout(timer)
    },
  }
  const disk = new MemoryDisk()
  let held: Promise<void> | undefined
  const openEdge = () => open(host, 'edge', memoryStore({ disk, beforeCommit: () => held }))
  const hub = await open(host, 'hub', memoryStore())
  await hub.setCredential(tokenOf(hub, { subject: 'hub', role: 'authority', read: ['*'], write: ['*'] }))
  let edge = await openEdge()
  const token = () =>
    tokenOf(edge, { subject: 'tech:ana', role: 'device', read: [CHANNEL], write: [CHANNEL] })
  if (enrolled) await edge.setCredential(token())
  return {
    host,
    hub,
    get edge() {
      return edge
    },
    disk,
    connect: () => new MemoryLine(edge, hub),
    token,
    holdCommits() {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return () => {
        held = undefined
        resolve()
      }
    },
    async reopen() {
      disk.crash()
      edge = await openEdge()
      return edge
    },
    close: async () => {
      await Promise.all([hub.close(), edge.close()])
    },
  }
}

function open(host: Host, role: 'hub' | 'edge', store: ReturnType<typeof memoryStore>): Promise<JobsReplica> {
  return openReplica({
    host,
    role: role === 'hub' ? hubRole : 'edge',
    store,
    space: SPACE,
    verifier: plainVerifier(host),
    collections: { jobs },
  })
}

function tokenOf(
  { publicKey }: { readonly publicKey: Uint8Array },
  grant: Pick<Credential, 'subject' | 'role' | 'read' | 'write'>,
): string {
  return JSON.stringify({
    ...grant,
    space: SPACE,
    systems: [],
    expiresAt: EXPIRES_AT,
    publicKey: toHex(publicKey),
  })
}

/** Tokens in the open: who may issue them is not what is tried here. */
function plainVerifier(host: Host): CredentialVerifier {
  return {
    verify: async (token) => {
      const content = parsed(token)
      const publicKey = Uint8Array.from(content.publicKey.match(/../g) ?? [], (hex) =>
        Number.parseInt(hex, 16),
      )
      return { ...content, publicKey, token, hash: toHex(host.sha256(new TextEncoder().encode(token))) }
    },
  }
}

function parsed(token: string): Omit<Credential, 'publicKey'> & { publicKey: string } {
  try {
    return JSON.parse(token)
  } catch (cause) {
    throw new CredentialError('credential-malformed', 'this is no token', { cause })
  }
}
