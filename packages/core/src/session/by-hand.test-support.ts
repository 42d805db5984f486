/** One real session, and the other side played by hand through its handshake: for what no honest peer would say. */
import { judgeHello, makeChallenge } from './acceptor.ts'
import type { FakeReplica } from './fake-replica.test-support.ts'
import { encodeFrame, type Frame, type FrameItem } from './frame.ts'
import { composeHello, type Introduced } from './initiator.ts'
import { type MemoryLink, memoryLink } from './memory-transport.ts'
import { type ControlName, encodeMessage, type MessageOf } from './messages.ts'
import { byHand, type Hand, settle, turn } from './pair.test-support.ts'
import { type Session, type SessionEvent, type SessionOptions, startSession } from './session.ts'

export interface ByHand {
  link: MemoryLink
  hand: Hand
  session: Session
  events: SessionEvent[]
  /** Sends, and lets the session answer. */
  say<N extends ControlName>(message: MessageOf<N>): Promise<void>
  sayBytes(bytes: Uint8Array): Promise<void>
  sayFrame(frame: Partial<Frame>): Promise<void>
}

function start(replica: FakeReplica, role: SessionOptions['role'], options: Partial<SessionOptions>): ByHand {
  const link = memoryLink()
  const hand = byHand(role === 'acceptor' ? link.initiator : link.acceptor)
  const events: SessionEvent[] = []
  const session = startSession(replica, link[role], { role, log: (event) => events.push(event), ...options })
  const sayBytes = async (bytes: Uint8Array) => {
    hand.send(bytes)
    await settle(link)
  }
  return {
    link,
    hand,
    session,
    events,
    sayBytes,
    say: (message) => sayBytes(encodeMessage(message)),
    sayFrame: (frame) => sayBytes(encodeFrame({ items: [], position: undefined, current: false, ...frame })),
  }
}

/** An acceptor that has sent CHALLENGE; HELLO is the hand's to send. */
export async function challenged(hub: FakeReplica, options: Partial<SessionOptions> = {}): Promise<ByHand> {
  const met = start(hub, 'acceptor', options)
  await settle(met.link)
  return met
}

/** The HELLO that `edge` would send. */
export async function helloOf(
  edge: FakeReplica,
  { hand }: ByHand,
): Promise<Introduced & { message: MessageOf<'hello'> }> {
  const introduced = await composeHello(edge, hand.last('challenge'))
  const { hello, token } = introduced
  return { ...introduced, message: { ...hello, credential: { ...hello.credential, token } } }
}

/** An acceptor, open; the hand is `edge`. */
export async function accepted(
  hub: FakeReplica,
  edge: FakeReplica,
  options: Partial<SessionOptions> = {},
): Promise<ByHand> {
  const met = await challenged(hub, options)
  await met.say((await helloOf(edge, met)).message)
  return met
}

export interface Challenging extends ByHand {
  challenge: MessageOf<'challenge'>
  /** The HELLO that came, and the WELCOME that `hub` would send. */
  hello: MessageOf<'hello'>
  welcome: MessageOf<'welcome'>
}

/** An initiator that has sent HELLO; WELCOME is the hand's to send. */
export async function greeted(
  hub: FakeReplica,
  edge: FakeReplica,
  { change = {}, ...options }: Partial<SessionOptions> & { change?: Partial<MessageOf<'challenge'>> } = {},
): Promise<Challenging> {
  const met = start(edge, 'initiator', options)
  const challenge = { ...makeChallenge(hub), ...change }
  await met.say(challenge)
  const hello = met.hand.last('hello', hub.log)
  const judged = await judgeHello(hub, challenge, hello)
  if (judged === undefined)
    throw new Error('the hub does not know the edge, and was not shown its credential')
  return { ...met, challenge, hello, welcome: judged.welcome }
}

/** An initiator, open; the hand is `hub`. */
export async function welcomed(
  hub: FakeReplica,
  edge: FakeReplica,
  options: Partial<SessionOptions> = {},
): Promise<Challenging> {
  const met = await greeted(hub, edge, options)
  await met.say(met.welcome)
  await turn()
  return met
}

export const entry = (seq: number, bytes: Uint8Array): FrameItem => ({ kind: 'entry', seq, bytes })

export const at = (seq: number): Frame['position'] => ({ seq, run: undefined })
