/** Real replicas in memory, with real credentials, for tests of links with real sessions. Time is virtual, sockets are not. */
import { collection, memoryStore, openReplica } from '@skerry/core'
import { hubRole } from '@skerry/core/hub'
import { VirtualWorld } from '@skerry/core/testing'
import { type Authority, createAuthority, credentialVerifier, issueCredential } from '@skerry/credentials'
import { startEngine } from '@skerry/node'
import * as z from 'zod'

const SPACE = 'acme'
/** A day of the virtual clock. */
export const CREDENTIAL_LIFE_MS = 86_400_000

const notes = collection('notes', z.object({ title: z.string(), body: z.string().optional() }), {
  channels: () => ['north'],
})

export class Replicas {
  readonly world: VirtualWorld
  private readonly authority: Authority

  private constructor(seed: number, authority: Authority) {
    this.world = new VirtualWorld(seed)
    this.authority = authority
  }

  static async start(seed: number): Promise<Replicas> {
    await startEngine()
    return new Replicas(seed, await createAuthority())
  }

  async open(role: 'hub' | 'edge') {
    const host = this.world.host()
    const sha256 = (bytes: Uint8Array): Uint8Array => host.sha256(bytes)
    const { publicKey: authority } = this.authority
    const verifier = credentialVerifier({ space: SPACE, authority, sha256 })
    return openReplica({
      host,
      store: memoryStore(),
      verifier,
      collections: { notes },
      role: role === 'hub' ? hubRole : 'edge',
      space: SPACE,
    })
  }

  /** A replica that shows a credential for everything. */
  async enrolled(role: 'hub' | 'edge') {
    const replica = await this.open(role)
    await replica.setCredential(await this.token(replica.publicKey, role))
    return replica
  }

  token(publicKey: Uint8Array, role: 'hub' | 'edge'): Promise<string> {
    const channels = role === 'hub' ? ['*'] : ['north']
    return issueCredential(this.authority, {
      space: SPACE,
      subject: role,
      publicKey,
      role: role === 'hub' ? 'authority' : 'device',
      read: channels,
      write: channels,
      systems: [],
      issuedAt: this.world.clock.nowMs,
      expiresAt: this.world.clock.nowMs + CREDENTIAL_LIFE_MS,
    })
  }
}

export type TestReplica = Awaited<ReturnType<Replicas['open']>>

/** Resolves when the replica has so many notes, looked at after each commit. */
export function untilNotes(replica: TestReplica, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = async (): Promise<void> => {
      if ((await replica.notes.all()).length < count) return
      stop()
      resolve()
    }
    const stop = replica.onCommit(() => void look().catch(reject))
    look().catch(reject)
  })
}
