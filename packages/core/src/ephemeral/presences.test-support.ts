/** The presences of one replica with no session under them: links are played by hand, time is the test's. */

import { encodeUtf8 } from '../bytes/utf8.ts'
import type { Credential } from '../identity/credential.ts'
import type { Json } from '../records/shape.ts'
import { nodeIdOf } from '../replica/identity.ts'
import { FakeAuthority, type FakeReplica } from '../session/fake-replica.test-support.ts'
import { VirtualWorld } from '../testing/virtual-host.ts'
import { HOPS_MAX } from './limits.ts'
import type { PresenceLink, PresenceMessage, PresencePeer } from './port.ts'
import { Presence } from './presence.ts'
import { LivePresences } from './presences.ts'
import { type SaidKind, statementOf, type Travelling } from './said.ts'

interface Turns {
  setImmediate(run: () => void): void
}

/** Lets all microtasks run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => (globalThis as unknown as Turns).setImmediate(resolve))
}

/** Somebody with a key and a credential, who says what the test wants. */
export interface Somebody extends PresencePeer {
  secret: Uint8Array
}

/** A link, and what came out of it. */
export interface Played {
  link: PresenceLink
  sent: PresenceMessage[]
  /** Changed at will. */
  state: { bufferedBytes: number; isDataHeld: boolean; dropped: number; peer: PresencePeer }
  /** Values of the presences sent, `left` or `withdrawn` for those that are none. */
  told(): Json[]
  hear(...said: Travelling[]): Promise<void>
}

export class Scene {
  readonly world = new VirtualWorld(1)
  readonly host = this.world.host()
  readonly authority = new FakeAuthority(this.host)
  readonly presences: LivePresences
  readonly self: Somebody
  readonly failures: unknown[] = []
  /** What the replica keeps of others' credentials. */
  readonly kept = new Map<string, Credential>()
  signed = 0
  verified = 0
  #counter = 0

  private constructor(self: Somebody) {
    this.self = self
    const { host } = this
    this.presences = new LivePresences({
      host: {
        ...host,
        verify: (...all) => {
          this.verified += 1
          return host.verify(...all)
        },
      },
      space: 'north',
      node: self.node,
      verifier: this.authority,
      credential: () => this.self.credential,
      sign: (message) => {
        this.signed += 1
        return host.sign(self.secret, message)
      },
      nodeOf: (publicKey) => nodeIdOf(publicKey, host),
      credentialByHash: async (hash) => this.kept.get(hash),
      failed: (error) => this.failures.push(error),
    })
  }

  static async open(rights: Partial<Credential> = { read: ['a'] }): Promise<Scene> {
    // The world that made this one's key is thrown away with it: keys are known by their secret.
    const scene = new Scene({
      node: '',
      credential: undefined as unknown as Credential,
      secret: new Uint8Array(),
    })
    Object.assign(scene.self, await scene.somebody('self', rights))
    return scene
  }

  async somebody(subject: string, rights: Partial<Credential> = { read: ['a'] }): Promise<Somebody> {
    const { secret, publicKey } = await this.host.createKey()
    const credential = this.authority.issue(subject, publicKey, rights)
    return { secret, credential, node: nodeIdOf(publicKey, this.host) }
  }

  hub(): Promise<Somebody> {
    return this.somebody('hub', { role: 'authority', read: ['*'] })
  }

  presence(channel = 'a'): Presence {
    return new Presence(channel, this.presences)
  }

  /** Subjects and values of who is here. */
  others(channel = 'a'): [string, Json][] {
    return this.presence(channel)
      .others()
      .map(({ subject, value }) => [subject, value])
  }

  join(peer: PresencePeer, told: ReadonlySet<string> | 'all' = new Set(['a'])): Played {
    const sent: PresenceMessage[] = []
    const state = { bufferedBytes: 0, isDataHeld: false, dropped: 0, peer }
    const link = this.presences.join({
      peer: () => state.peer,
      send: (message) => sent.push(message),
      bufferedBytes: () => state.bufferedBytes,
      isDataHeld: () => state.isDataHeld,
      dropped: () => {
        state.dropped += 1
      },
    })
    link.tells(told)
    return {
      link,
      sent,
      state,
      told: () => sent.flatMap((one) => (one.type === 'presence' ? [wordOf(one)] : [])),
      hear: async (...all) => {
        for (const said of all) link.take({ type: 'presence', ...said })
        await turn()
      },
    }
  }

  /** What somebody says, as it arrives from the session in which it was said. */
  async says(
    who: Somebody,
    value: Json | undefined,
    more: Partial<Travelling> = {},
    space = 'north',
  ): Promise<Travelling> {
    const kind: SaidKind = value === undefined ? 'left' : 'here'
    const unsigned = {
      kind,
      channel: 'a',
      credential: who.credential.hash,
      instance: '01'.repeat(16),
      counter: ++this.#counter,
      value: value === undefined ? new Uint8Array() : encodeUtf8(JSON.stringify(value)),
      ...more,
    }
    const signature = await this.host.sign(who.secret, statementOf(space, unsigned))
    return { hops: HOPS_MAX, ageMs: 0, signature, ...unsigned }
  }

  dropped(): Record<string, number> {
    return Object.fromEntries(this.presences.dropped)
  }

  /** Lets time pass, and everything that it brings about. */
  async pass(ms: number): Promise<void> {
    const { clock } = this.world
    const untilMs = clock.nowMs + ms
    await turn()
    while ((clock.nextMs ?? Number.POSITIVE_INFINITY) <= untilMs) {
      clock.advanceToNext()
      await turn()
    }
    clock.advance(untilMs - clock.nowMs)
    await turn()
  }
}

function wordOf({ kind, value }: Travelling): Json {
  return kind === 'here' ? (JSON.parse(new TextDecoder().decode(value)) as Json) : kind
}

/** A replica that takes part; its sessions are real. */
export function present(replica: FakeReplica): { presences: LivePresences; failures: unknown[] } {
  const failures: unknown[] = []
  const { host, space, node, verifier } = replica
  const presences = new LivePresences({
    host,
    space,
    node,
    verifier,
    credential: () => replica.credential,
    sign: (message) => replica.sign(message),
    nodeOf: (publicKey) => nodeIdOf(publicKey, host),
    credentialByHash: (hash) => replica.credentialByHash(hash),
    failed: (error) => failures.push(error),
  })
  Object.assign(replica, { presences })
  return { presences, failures }
}
