/**
 * Two replicas on a memory link, and the raw side of a link for tests that play a peer by hand. `settle` delivers until nothing moves;
 * `step` lets what was delivered be worked on, and delivers nothing.
 */
import { VirtualWorld } from '../testing/virtual-host.ts'
import { FakeAuthority, type FakeOptions, FakeReplica } from './fake-replica.test-support.ts'
import { type MemoryLink, memoryLink, type Side } from './memory-transport.ts'
import { decodeMessage, type Message, type MessageName, type MessageOf, messageName } from './messages.ts'
import type { SessionReplica } from './port.ts'
import { type Session, type SessionOptions, startSession } from './session.ts'
import type { Transport } from './transport.ts'

interface Turns {
  setImmediate(run: () => void): void
}

/** Lets all microtasks run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => (globalThis as unknown as Turns).setImmediate(resolve))
}

/** Bound of `settle`: a session that says something for ever is a failure, not a wait. */
const ROUNDS_MAX = 10_000

export async function settle(link: MemoryLink): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    await turn()
    if (link.flush() === 0) return
  }
  throw new Error(`the link is not quiet after ${ROUNDS_MAX} rounds`)
}

export interface Scene {
  world: VirtualWorld
  authority: FakeAuthority
  hub: FakeReplica
  edge: FakeReplica
}

/** A hub that wants whole logs, and an edge on channel `a`. */
export async function scene({
  hub,
  edge,
}: {
  hub?: Partial<FakeOptions>
  edge?: Partial<FakeOptions>
} = {}): Promise<Scene> {
  const world = new VirtualWorld(1)
  const authority = new FakeAuthority(world.host())
  const hubRights = { role: 'authority' as const, read: ['*'], write: ['*'] }
  return {
    world,
    authority,
    hub: await FakeReplica.open(world, authority, 'hub', { wants: () => 'log', rights: hubRights, ...hub }),
    edge: await FakeReplica.open(world, authority, 'edge', {
      wants: () => ['a'],
      rights: { read: ['a'] },
      ...edge,
    }),
  }
}

export interface Met {
  link: MemoryLink
  acceptor: Session
  initiator: Session
  /** Every message sent, in order of sending. */
  sent: { from: Side; name: MessageName; bytes: Uint8Array }[]
}

/** Starts both sides on a new link; nothing is delivered yet. */
export function connect(
  { hub, edge }: { hub: SessionReplica; edge: SessionReplica },
  options: { hub?: Partial<SessionOptions>; edge?: Partial<SessionOptions> } = {},
): Met {
  const link = memoryLink()
  const sent: Met['sent'] = []
  const acceptor = startSession(hub, recorded(link, 'acceptor', sent), { role: 'acceptor', ...options.hub })
  const initiator = startSession(edge, recorded(link, 'initiator', sent), {
    role: 'initiator',
    ...options.edge,
  })
  return { link, acceptor, initiator, sent }
}

export async function meet(
  replicas: { hub: SessionReplica; edge: SessionReplica },
  options: { hub?: Partial<SessionOptions>; edge?: Partial<SessionOptions> } = {},
): Promise<Met> {
  const met = connect(replicas, options)
  await settle(met.link)
  return met
}

function recorded(link: MemoryLink, side: Side, sent: Met['sent']): Transport {
  const transport = link[side]
  return {
    send(bytes) {
      sent.push({ from: side, name: messageName(bytes), bytes })
      transport.send(bytes)
    },
    get bufferedBytes() {
      return transport.bufferedBytes
    },
    bind: (events) => transport.bind(events),
    close: (code, reason) => transport.close(code, reason),
    allowMessageBytes: (bytesMax) => transport.allowMessageBytes(bytesMax),
  }
}

/** One side of a link, played by hand. */
export interface Hand {
  readonly received: Uint8Array[]
  readonly closed: { code: number; reason: string } | undefined
  send(bytes: Uint8Array): void
  names(): MessageName[]
  /** The newest message of this name. */
  last<N extends Message['type']>(name: N, log?: string): MessageOf<N>
}

export function byHand(transport: Transport): Hand {
  const received: Uint8Array[] = []
  let closed: { code: number; reason: string } | undefined
  transport.bind({
    message: (bytes) => received.push(bytes),
    drained: () => undefined,
    closed: (code, reason) => {
      closed = { code, reason }
    },
  })
  return {
    received,
    get closed() {
      return closed
    },
    send: (bytes) => transport.send(bytes),
    names: () => received.map(messageName),
    last(name, log = '0'.repeat(32)) {
      const bytes = received.filter((one) => messageName(one) === name).at(-1)
      if (bytes === undefined)
        throw new Error(`no ${name} was received, only ${received.map(messageName).join(', ')}`)
      return decodeMessage(name, bytes, log)
    },
  }
}
