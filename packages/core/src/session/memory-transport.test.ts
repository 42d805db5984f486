import { describe, expect, it } from 'vitest'
import { memoryLink } from './memory-transport.ts'
import { turn } from './pair.test-support.ts'

function listening() {
  const link = memoryLink()
  const events: string[] = []
  for (const side of ['initiator', 'acceptor'] as const) {
    link[side].bind({
      message: (bytes) => events.push(`${side} ${bytes.join(' ')}`),
      drained: () => events.push(`${side} drained`),
      closed: (code, reason) => events.push(`${side} closed ${code} ${reason}`),
    })
  }
  return { link, events }
}

describe('the memory link', () => {
  it('delivers nothing unless flushed, then oldest first', () => {
    const { link, events } = listening()
    link.acceptor.send(Uint8Array.of(1))
    link.initiator.send(Uint8Array.of(2))
    link.acceptor.send(Uint8Array.of(3))
    expect(events).toEqual([])
    expect(link.pending()).toEqual({ initiator: 2, acceptor: 1 })
    expect(link.flush(2)).toBe(2)
    expect(events).toEqual(['initiator 1', 'acceptor drained', 'acceptor 2', 'initiator drained'])
    expect(link.deliver('initiator')).toBe(true)
    expect(link.deliver('initiator')).toBe(false)
  })

  it('does not deliver what arises while it flushes', () => {
    const link = memoryLink()
    link.acceptor.bind({
      message: () => link.acceptor.send(Uint8Array.of(9)),
      drained: () => undefined,
      closed: () => undefined,
    })
    link.initiator.send(Uint8Array.of(1))
    expect(link.flush()).toBe(1)
    expect(link.pending().initiator).toBe(1)
  })

  it('copies, and counts what waits', () => {
    const { link, events } = listening()
    const bytes = Uint8Array.of(1, 2)
    link.initiator.send(bytes)
    bytes[0] = 9
    expect([link.initiator.bufferedBytes, link.acceptor.bufferedBytes]).toEqual([2, 0])
    link.flush()
    expect(events).toContain('acceptor 1 2')
    expect(link.initiator.bufferedBytes).toBe(0)
  })

  it('closing delivers what was sent before, and tells each side once', async () => {
    const { link, events } = listening()
    link.initiator.send(Uint8Array.of(1))
    link.initiator.close(4400, 'why')
    link.initiator.close(4401, 'again')
    link.initiator.send(Uint8Array.of(2))
    await turn()
    expect(events).toEqual(['initiator closed 4400 why'])
    link.flush()
    await turn()
    expect(events).toEqual(['initiator closed 4400 why', 'acceptor 1', 'acceptor closed 4400 why'])
    expect(link.isOpen).toBe(false)
  })

  it('a cut loses what is on its way', async () => {
    const { link, events } = listening()
    link.initiator.send(Uint8Array.of(1))
    link.cut()
    link.cut()
    link.flush()
    await turn()
    expect(events).toEqual([
      'initiator closed 1006 the link was cut',
      'acceptor closed 1006 the link was cut',
    ])
  })

  it('refuses messages larger than allowed', async () => {
    const { link, events } = listening()
    link.acceptor.allowMessageBytes(2)
    link.initiator.send(Uint8Array.of(1, 2))
    link.initiator.send(Uint8Array.of(1, 2, 3))
    link.flush()
    link.flush()
    await turn()
    expect(events.filter((event) => !event.endsWith('drained'))).toEqual([
      'acceptor 1 2',
      'acceptor closed 1009 message too large',
      'initiator closed 1009 message too large',
    ])
  })
})
