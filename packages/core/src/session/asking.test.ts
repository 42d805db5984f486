import { describe, expect, it } from 'vitest'
import { welcomed } from './by-hand.test-support.ts'
import { connect, meet, scene, settle, turn } from './pair.test-support.ts'

describe('H11: asking anew', () => {
  it('a gained channel is told from its beginning, without the rest again', async () => {
    let wants = ['a']
    const s = await scene({ edge: { wants: () => wants, rights: { read: ['a', 'b'] } } })
    await s.hub.write(
      { record: 'r/1', channels: ['b'], text: 'one' },
      { record: 'r/2', channels: ['a'], text: 'two' },
    )
    const { link, initiator } = await meet(s)
    expect(await s.edge.texts()).toEqual(['two'])
    wants = ['a', 'b']
    initiator.rewant()
    expect(initiator.current).toBe(false)
    await settle(link)
    expect(await s.edge.texts()).toEqual(['two', 'one'])
    expect(initiator).toMatchObject({
      current: true,
      granted: { read: ['a', 'b'] },
      counters: { entriesIn: 2 },
    })
  })

  it('frames sent before the answer do not move the cursors of what is asked anew', async () => {
    let wants = ['a']
    const s = await scene({ edge: { wants: () => wants, rights: { read: ['a', 'b'] } } })
    await s.hub.write({ record: 'r/1', channels: ['b'], text: 'one' })
    const { link, initiator } = await meet(s)
    wants = ['a', 'b']
    initiator.rewant()
    await turn()
    // Crosses the WANT: told under the old want, at a position beyond channel b's first entry.
    await s.hub.write({ record: 'r/2', channels: ['a'], text: 'two' })
    await turn()
    expect(link.pending()).toEqual({ initiator: 1, acceptor: 1 })
    link.deliver('initiator')
    await turn()
    expect([...s.edge.cursors.keys()]).toEqual([`${s.hub.log}/a`])
    await settle(link)
    expect((await s.edge.texts()).sort()).toEqual(['one', 'two'])
  })

  it('asked again while asking, it asks once more; asked in the handshake, it asks once open', async () => {
    const s = await scene()
    const { link, initiator, sent } = connect(s)
    initiator.rewant()
    await settle(link)
    expect(sent.filter(({ name }) => name === 'want')).toHaveLength(1)
    for (let i = 0; i < 5; i++) initiator.rewant()
    await settle(link)
    expect(sent.filter(({ name }) => name === 'want')).toHaveLength(3)
    expect(initiator.current).toBe(true)
  })

  it('an acceptor may ask anew too', async () => {
    const s = await scene()
    const { link, acceptor, sent } = await meet(s)
    acceptor.rewant()
    await settle(link)
    expect(sent.slice(-3).map(({ from, name }) => `${from} ${name}`)).toEqual([
      'acceptor want',
      'initiator granted',
      'initiator frame',
    ])
    expect(acceptor.current).toBe(true)
  })

  it('an answer to a want that was not asked ends the session', async () => {
    const { hub, edge } = await scene()
    const met = await welcomed(hub, edge)
    await met.say({ type: 'granted', wantNumber: 1, read: [], write: [], refused: [] })
    expect(met.hand.last('bye').code).toBe('unexpected-message')
  })
})
