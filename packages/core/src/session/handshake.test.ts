import { describe, expect, it } from 'vitest'
import { firstState, type HandshakeState, type Outcome, type Role, states, step } from './handshake.ts'
import { type MessageName, messageTypes } from './messages.ts'

const names = Object.keys(messageTypes) as MessageName[]
const outcomes: Outcome[] = ['hello-named', 'hello-shown', 'unknown-credential', 'accepted', 'timeout']

/** What may be heard in each state, and what comes of it; everything else is refused. */
const heard: Record<Role, Partial<Record<HandshakeState, Partial<Record<MessageName, string>>>>> = {
  initiator: {
    'awaiting-challenge': { challenge: 'composing/compose-hello', bye: 'closed/end' },
    composing: { bye: 'closed/end' },
    'awaiting-welcome': {
      show: 'awaiting-last-welcome/send-hello-with-token',
      welcome: 'judging-welcome/judge-welcome',
      bye: 'closed/end',
    },
    'awaiting-last-welcome': { welcome: 'judging-welcome/judge-welcome', bye: 'closed/end' },
    'judging-welcome': {
      frame: 'judging-welcome/hold',
      ack: 'judging-welcome/hold',
      credit: 'judging-welcome/hold',
      want: 'judging-welcome/hold',
      granted: 'judging-welcome/hold',
      compare: 'judging-welcome/hold',
      differences: 'judging-welcome/hold',
      ask: 'judging-welcome/hold',
      answer: 'judging-welcome/hold',
      presence: 'judging-welcome/hold',
      who: 'judging-welcome/hold',
      author: 'judging-welcome/hold',
      hush: 'judging-welcome/hold',
      bye: 'closed/end',
    },
    open: {
      frame: 'open/handle',
      ack: 'open/handle',
      credit: 'open/handle',
      want: 'open/handle',
      granted: 'open/handle',
      compare: 'open/handle',
      differences: 'open/handle',
      ask: 'open/handle',
      answer: 'open/handle',
      presence: 'open/handle',
      who: 'open/handle',
      author: 'open/handle',
      hush: 'open/handle',
      bye: 'closed/end',
    },
  },
  acceptor: {
    'awaiting-hello': { hello: 'judging-hello/judge-hello', bye: 'closed/end' },
    'judging-hello': { bye: 'closed/end' },
    'awaiting-shown-hello': { hello: 'judging-shown-hello/judge-hello', bye: 'closed/end' },
    'judging-shown-hello': { bye: 'closed/end' },
    open: {
      frame: 'open/handle',
      ack: 'open/handle',
      credit: 'open/handle',
      want: 'open/handle',
      granted: 'open/handle',
      compare: 'open/handle',
      differences: 'open/handle',
      ask: 'open/handle',
      answer: 'open/handle',
      presence: 'open/handle',
      who: 'open/handle',
      author: 'open/handle',
      hush: 'open/handle',
      credential: 'open/handle',
      bye: 'closed/end',
    },
  },
}

describe('the handshake table', () => {
  for (const role of ['initiator', 'acceptor'] as const) {
    for (const state of Object.keys(states[role]) as HandshakeState[]) {
      it(`H1: the ${role} answers every message in ${state}`, () => {
        for (const name of names) {
          const { state: next, action } = step(role, state, name)
          const expected = heard[role][state]?.[name] ?? 'closed/refuse-unexpected'
          expect(`${name} → ${next}/${action}`).toBe(`${name} → ${expected}`)
        }
      })
    }

    it(`the ${role} ignores everything once closed`, () => {
      for (const event of [...names, ...outcomes])
        expect(step(role, 'closed', event)).toEqual({ state: 'closed', action: 'ignore' })
    })

    it(`H6: the ${role} runs out of time in every state before open`, () => {
      for (const state of Object.keys(states[role]) as HandshakeState[]) {
        expect(step(role, state, 'timeout').action).toBe(state === 'open' ? 'ignore' : 'refuse-timeout')
      }
    })

    it(`the ${role} reaches every state of its table, and open`, () => {
      const reached = new Set<HandshakeState>([firstState(role)])
      for (const state of reached) {
        for (const next of Object.values(states[role][state] ?? {})) reached.add(next.state)
      }
      expect(reached).toEqual(new Set([...(Object.keys(states[role]) as HandshakeState[]), 'closed']))
    })
  }

  it('an outcome without a place is a mistake of ours, not of the peer', () => {
    expect(() => step('initiator', 'awaiting-challenge', 'accepted')).toThrow(/no outcome accepted/)
    expect(() => step('acceptor', 'open', 'hello-named')).toThrow(/no outcome/)
  })

  it('H5: SHOW is asked once', () => {
    expect(step('acceptor', 'judging-hello', 'unknown-credential')).toEqual({
      state: 'awaiting-shown-hello',
      action: 'send-show',
    })
    expect(step('acceptor', 'judging-shown-hello', 'unknown-credential').action).toBe(
      'refuse-missing-credential',
    )
  })
})
