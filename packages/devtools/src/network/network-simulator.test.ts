import type { SimulatedNetwork } from '@skerry/live'
import { describe, expect, test } from 'vitest'
import { FakeLink, HandClock } from './hand-clock.test-support.ts'
import { NetworkSimulator } from './network-simulator.ts'

function simulated(network: SimulatedNetwork = { kind: 'off' }) {
  const clock = new HandClock()
  const simulator = new NetworkSimulator(clock)
  simulator.set(network)
  const link = (opensAtOnce = true) => new FakeLink(simulator.through, opensAtOnce)
  return { clock, simulator, link }
}

const bytes = (length: number, first = 0x10) => Uint8Array.from({ length }, (_, i) => (i === 0 ? first : i))
const ack = bytes(8, 0x11)
const slow = { kind: 'slow', bytesPerSecond: 1_000, delayMs: 50 } as const

describe('DT-20: off', () => {
  test('passes on everything as it comes, both ways, and the end', () => {
    const { link, simulator } = simulated()
    const { transport, heard, socket } = link()
    transport!.send(bytes(3))
    socket.events.message(ack)
    socket.events.drained()
    socket.bufferedBytes = 9
    expect(socket.sent).toEqual([bytes(3)])
    expect(heard.messages).toEqual([ack])
    expect(heard.drains).toBe(1)
    expect(transport!.bufferedBytes).toBe(9)
    expect(transport!.lastContactAt).toBe(5)
    transport!.probe()
    expect(socket.probes).toBe(1)
    socket.events.closed(4503, 'draining')
    expect(heard.ends).toEqual([[4503, 'draining']])
    expect(simulator.state).toEqual({
      network: { kind: 'off' },
      isUp: true,
      broken: 0,
      refused: 0,
      delayed: 0,
      lostAcks: 0,
    })
  })

  test('a close of this side is told once, with its code, and nothing is sent after it', () => {
    const { link } = simulated()
    const { transport, heard, socket } = link()
    transport!.close(1000, 'done')
    transport!.send(bytes(1))
    socket.events.message(bytes(1))
    transport!.probe()
    expect(heard.ends).toEqual([[1000, 'done']])
    expect(socket.closes).toEqual([[1000, 'done']])
    expect([socket.sent, heard.messages, socket.probes]).toEqual([[], [], 0])
  })

  test('a message above what the session allows ends the line, as the socket would have', () => {
    const { link } = simulated()
    const { heard, socket } = link()
    socket.events.message(bytes(1_000))
    expect(heard.ends).toEqual([])
    socket.events.message(bytes(1_001))
    expect(heard.ends).toMatchObject(
      [[4413, /1001 bytes, limit 1000/]].map(([code]) => [code, expect.any(String)]),
    )
    expect(heard.messages).toHaveLength(1)
  })
})

describe('DT-21: cut', () => {
  test('breaks every line with 1006 and the words, and refuses to dial until it is over', () => {
    const { link, simulator, clock } = simulated()
    const open = link()
    simulator.set({ kind: 'cut' })
    expect(open.heard.ends).toEqual([[1006, 'the network simulator has cut the line']])
    expect(open.socket.closes).toEqual([[1000, 'the network simulator has cut the line']])
    const refused = link()
    expect(refused.failures).toEqual([])
    clock.advance(0)
    expect(refused.failures).toMatchObject([{ code: 'network-unreachable' }])
    expect(refused.failures[0]!.message).toContain('ws://hub/sync')
    expect(refused.attempts).toBe(0)
    expect(simulator.state).toMatchObject({ isUp: false, broken: 1, refused: 1 })
    simulator.set({ kind: 'off' })
    expect(link().transport).toBeDefined()
    expect(simulator.state).toMatchObject({ isUp: true, broken: 1, refused: 1 })
  })

  test('an attempt under way fails once; one that was given up fails not at all', () => {
    const { link, simulator } = simulated()
    const [waiting, givenUp] = [link(false), link(false)]
    givenUp.abort()
    simulator.set({ kind: 'cut' })
    simulator.set({ kind: 'off' })
    simulator.set({ kind: 'cut' })
    expect(waiting.failures).toHaveLength(1)
    expect([waiting.aborted, givenUp.aborted]).toEqual([1, 1])
    expect(givenUp.failures).toEqual([])
  })

  test('what is under way on a slow line is lost with it', () => {
    const { link, simulator, clock } = simulated(slow)
    const one = link()
    clock.advance(50)
    one.transport!.send(bytes(10))
    one.socket.events.message(bytes(10))
    simulator.set({ kind: 'cut' })
    simulator.set({ kind: 'off' })
    clock.advance(10_000)
    expect([one.socket.sent, one.heard.messages]).toEqual([[], []])
  })
})

describe('DT-22: slow', () => {
  test('a line takes the delay to open', () => {
    const { link, clock } = simulated(slow)
    const one = link()
    clock.advance(49)
    expect(one.attempts).toBe(0)
    clock.advance(1)
    expect(one.transport).toBeDefined()
  })

  test('messages come after their bytes and the delay, in order, each way by itself', () => {
    const { link, clock, simulator } = simulated(slow)
    const one = link()
    clock.advance(50)
    one.transport!.send(bytes(100))
    one.transport!.send(bytes(200))
    one.socket.events.message(bytes(100))
    expect(one.transport!.bufferedBytes).toBe(300)
    clock.advance(149)
    expect([one.socket.sent.length, one.heard.messages.length]).toEqual([0, 0])
    clock.advance(1)
    expect([one.socket.sent.length, one.heard.messages.length]).toEqual([1, 1])
    expect(one.heard.drains).toBe(1)
    expect(one.transport!.bufferedBytes).toBe(200)
    clock.advance(199)
    expect(one.socket.sent).toHaveLength(1)
    clock.advance(1)
    expect(one.socket.sent).toEqual([bytes(100), bytes(200)])
    expect(simulator.state.delayed).toBe(3)
  })

  test('the end of the line comes behind what was said before it', () => {
    const { link, clock } = simulated(slow)
    const one = link()
    clock.advance(50)
    one.socket.events.message(bytes(100, 0x1f))
    one.socket.events.closed(4503, 'draining')
    expect(one.heard.ends).toEqual([])
    clock.advance(1_000)
    expect(one.heard.messages).toHaveLength(1)
    expect(one.heard.ends).toEqual([[4503, 'draining']])
  })

  test('a close of this side sends what waits at once', () => {
    const { link, clock } = simulated(slow)
    const one = link()
    clock.advance(50)
    one.transport!.send(bytes(1_000, 0x1f))
    one.transport!.close(1000, 'done')
    expect(one.socket.sent).toHaveLength(1)
    expect(one.heard.ends).toEqual([[1000, 'done']])
  })

  test('switched off, what waits comes at once and in order; paced otherwise, it is paced anew', () => {
    const { link, clock, simulator } = simulated(slow)
    const one = link()
    clock.advance(50)
    for (const size of [1_000, 10, 20]) one.transport!.send(bytes(size))
    simulator.set({ kind: 'slow', bytesPerSecond: 100_000, delayMs: 0 })
    clock.advance(10)
    expect(one.socket.sent.map(({ length }) => length)).toEqual([1_000])
    simulator.set({ kind: 'off' })
    expect(one.socket.sent.map(({ length }) => length)).toEqual([1_000, 10, 20])
  })

  test('what is said in answer to what comes out waits behind the rest', () => {
    const { link, clock } = simulated(slow)
    const one = link()
    clock.advance(50)
    one.heard.message = (message) => {
      one.heard.messages.push(message)
      one.transport!.send(message)
    }
    for (const size of [10, 20]) one.socket.events.message(bytes(size))
    clock.advance(1_000)
    expect(one.socket.sent.map(({ length }) => length)).toEqual([10, 20])
  })

  test('a session may say more than in the handshake as soon as it is asked, though the socket has it earlier', () => {
    const { link, clock } = simulated(slow)
    const one = link()
    clock.advance(50)
    expect(one.socket.allowed).toBeGreaterThan(1_000)
    one.socket.events.message(bytes(5_000))
    one.transport!.allowMessageBytes(6_000)
    clock.advance(6_000)
    expect(one.heard.messages).toHaveLength(1)
  })
})

test('DT-23: flap goes down and up by its times, and breaks lines each time', () => {
  const { link, clock, simulator } = simulated({ kind: 'flap', upMs: 300, downMs: 200 })
  const told: boolean[] = []
  simulator.subscribe(() => {
    const { isUp } = simulator.state
    if (told.at(-1) !== isUp) told.push(isUp)
  })
  const first = link()
  clock.advance(299)
  expect(first.heard.ends).toEqual([])
  clock.advance(1)
  expect(first.heard.ends).toHaveLength(1)
  clock.advance(200)
  const second = link()
  expect(second.transport).toBeDefined()
  clock.advance(300)
  expect(second.heard.ends).toHaveLength(1)
  expect(told).toEqual([false, true, false])
  simulator.set({ kind: 'off' })
  clock.advance(10_000)
  expect(told).toEqual([false, true, false, true])
  expect(simulator.state).toMatchObject({ isUp: true, broken: 2 })
})

test('DT-24: lose-acks breaks the line as an answer comes, and passes on everything else', () => {
  const { link, simulator } = simulated({ kind: 'lose-acks' })
  const one = link()
  one.transport!.send(ack)
  one.socket.events.message(bytes(9))
  expect([one.socket.sent.length, one.heard.messages.length]).toEqual([1, 1])
  one.socket.events.message(ack)
  one.socket.events.message(bytes(7))
  expect(one.heard.messages).toHaveLength(1)
  expect(one.heard.ends).toMatchObject([[1006, expect.stringContaining('answer')]])
  expect(simulator.state).toMatchObject({ isUp: true, lostAcks: 1, broken: 1 })
})

test.each([
  [{ kind: 'slow', bytesPerSecond: 49, delayMs: 0 }, 'bytesPerSecond 49'],
  [{ kind: 'slow', bytesPerSecond: 100_000_001, delayMs: 0 }, 'bytesPerSecond'],
  [{ kind: 'slow', bytesPerSecond: Number.NaN, delayMs: 0 }, 'bytesPerSecond NaN'],
  [{ kind: 'slow', bytesPerSecond: 50, delayMs: -1 }, 'delayMs -1'],
  [{ kind: 'slow', bytesPerSecond: 50, delayMs: 60_001 }, 'from 0 to 60000'],
  [{ kind: 'flap', upMs: 99, downMs: 100 }, 'upMs 99'],
  [{ kind: 'flap', upMs: 100, downMs: 3_600_001 }, 'downMs'],
] satisfies [SimulatedNetwork, string][])('DT-25: %j is refused, and the network stays', (network, words) => {
  const { simulator } = simulated({ kind: 'cut' })
  expect(() => simulator.set(network)).toThrow(words)
  expect(simulator.state).toMatchObject({ network: { kind: 'cut' }, isUp: false })
})

test.each([
  { kind: 'slow', bytesPerSecond: 50, delayMs: 60_000 },
  { kind: 'slow', bytesPerSecond: 100_000_000, delayMs: 0 },
  { kind: 'flap', upMs: 100, downMs: 3_600_000 },
] satisfies SimulatedNetwork[])('DT-25: %j is within bounds', (network) => {
  expect(simulated(network).simulator.state.network).toEqual(network)
})
