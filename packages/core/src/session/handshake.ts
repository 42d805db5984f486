/**
 * The handshake, and who may say what when, as one table: state × event → next state and what to do. The session does it; nothing here
 * awaits or sends. What is not in the table is refused (H1).
 *
 *   initiator   awaiting-challenge ─CHALLENGE→ composing ─→ awaiting-welcome ─WELCOME→ judging-welcome ─→ open
 *                                                   │            │ SHOW              ↑
 *                                                   └────────→ awaiting-last-welcome ┘   (HELLO with token was sent)
 *
 *   acceptor    awaiting-hello ─HELLO→ judging-hello ─────────────────────────────────────────────────────────→ open
 *                                            │ unknown: SHOW                                                      ↑
 *                                            └─→ awaiting-shown-hello ─HELLO→ judging-shown-hello ────────────────┘
 */
import { type MessageName, messageTypes } from './messages.ts'

export type Role = 'initiator' | 'acceptor'

export type HandshakeState =
  | 'awaiting-challenge'
  | 'composing'
  | 'awaiting-welcome'
  | 'awaiting-last-welcome'
  | 'judging-welcome'
  | 'awaiting-hello'
  | 'judging-hello'
  | 'awaiting-shown-hello'
  | 'judging-shown-hello'
  | 'open'
  | 'closed'

/** What our own work came to, and the clock. */
export type Outcome = 'hello-named' | 'hello-shown' | 'unknown-credential' | 'accepted' | 'timeout'
export type HandshakeEvent = MessageName | Outcome

export type Action =
  /** Work whose outcome is the next event. */
  | 'compose-hello'
  | 'judge-hello'
  | 'judge-welcome'
  | 'send-hello'
  | 'send-hello-with-token'
  | 'send-show'
  | 'open'
  /** Keep the message until the session is open. */
  | 'hold'
  /** A message of an open session. */
  | 'handle'
  | 'end'
  | 'refuse-unexpected'
  | 'refuse-missing-credential'
  | 'refuse-timeout'
  | 'ignore'

export interface Step {
  state: HandshakeState
  action: Action
}

type Row = Partial<Record<HandshakeEvent, Step>>

const to = (state: HandshakeState, action: Action): Step => ({ state, action })

/** H6: every state before open ends in time, and may be ended by the other side. */
const unfinished: Row = { bye: to('closed', 'end'), timeout: to('closed', 'refuse-timeout') }

function each(names: readonly MessageName[], step: Step): Row {
  return Object.fromEntries(names.map((name) => [name, step]))
}

const spoken: readonly MessageName[] = [
  'frame',
  'ack',
  'credit',
  'want',
  'granted',
  'compare',
  'differences',
  'ask',
  'answer',
  'presence',
  'who',
  'author',
  'hush',
]

export const states: Readonly<Record<Role, Readonly<Partial<Record<HandshakeState, Row>>>>> = {
  initiator: {
    'awaiting-challenge': { ...unfinished, challenge: to('composing', 'compose-hello') },
    composing: {
      ...unfinished,
      'hello-named': to('awaiting-welcome', 'send-hello'),
      'hello-shown': to('awaiting-last-welcome', 'send-hello'),
    },
    'awaiting-welcome': {
      ...unfinished,
      show: to('awaiting-last-welcome', 'send-hello-with-token'),
      welcome: to('judging-welcome', 'judge-welcome'),
    },
    'awaiting-last-welcome': { ...unfinished, welcome: to('judging-welcome', 'judge-welcome') },
    // The acceptor is open once it has sent WELCOME, and need not wait for us to have read it.
    'judging-welcome': {
      ...unfinished,
      ...each(spoken, to('judging-welcome', 'hold')),
      accepted: to('open', 'open'),
    },
    open: { ...each(spoken, to('open', 'handle')), bye: to('closed', 'end'), timeout: to('open', 'ignore') },
  },
  acceptor: {
    'awaiting-hello': { ...unfinished, hello: to('judging-hello', 'judge-hello') },
    'judging-hello': {
      ...unfinished,
      'unknown-credential': to('awaiting-shown-hello', 'send-show'),
      accepted: to('open', 'open'),
    },
    'awaiting-shown-hello': { ...unfinished, hello: to('judging-shown-hello', 'judge-hello') },
    'judging-shown-hello': {
      ...unfinished,
      'unknown-credential': to('closed', 'refuse-missing-credential'),
      accepted: to('open', 'open'),
    },
    open: {
      ...each([...spoken, 'credential'], to('open', 'handle')),
      bye: to('closed', 'end'),
      timeout: to('open', 'ignore'),
    },
  },
}

export function firstState(role: Role): HandshakeState {
  return role === 'initiator' ? 'awaiting-challenge' : 'awaiting-hello'
}

/** Total: every state answers every event. An outcome that has no place in a state is a mistake of ours. */
export function step(role: Role, state: HandshakeState, event: HandshakeEvent): Step {
  if (state === 'closed') return to('closed', 'ignore')
  const next = states[role][state]?.[event]
  if (next !== undefined) return next
  if (Object.hasOwn(messageTypes, event)) return to('closed', 'refuse-unexpected')
  throw new Error(`the ${role}'s handshake has no outcome ${event} in state ${state}`)
}
