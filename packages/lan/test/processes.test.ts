/** Real processes, real stores, real sockets; mDNS on the loopback interface where the machine carries it. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { HOUR_MS, Site } from './processes.ts'

let site: Site

beforeEach(async () => {
  site = await Site.open()
})

afterEach(() => site.close())

const both = { read: ['north', 'south'], write: ['north', 'south'], hours: 9 }

it('N-2: two edge processes with no hub sync peer to peer, then a third that met only one of them delivers the other’s changes to the hub', async () => {
  const [a, b, c] = await Promise.all([
    site.device('a', { ...both, write: ['north'], hours: 1 }),
    site.device('b', both),
    site.device('c', both),
  ])
  await a.do({ do: 'create', id: 'not-mine', area: 'south' })
  await a.do({ do: 'create', id: 'from-a', area: 'north' })
  await b.do({ do: 'create', id: 'from-b', area: 'south' })
  await site.meet(a, b)
  await a.do({ do: 'hold', ids: ['not-mine', 'from-a', 'from-b'] })
  // What a may not write stops at b's door, though b could write it.
  await b.do({ do: 'hold', ids: ['from-a', 'from-b'] })
  await b.do({ do: 'retitle', id: 'from-a', title: 'seen by b' })
  await a.do({ do: 'read', id: 'from-a', title: 'seen by b' })
  await a.do({ do: 'part' })
  await b.do({ do: 'part' })

  await site.meet(b, c)
  await c.do({ do: 'read', id: 'from-a', title: 'seen by b' })
  await b.do({ do: 'part' })
  await c.do({ do: 'hold', ids: ['from-a', 'from-b'] })
  await c.do({ do: 'visit hub', url: site.hub.syncUrl })
  await c.do({ do: 'create', id: 'last', area: 'north' })
  await site.untilAtHub('last')
  expect(await site.authorsAtHub('from-a')).toEqual(['tech:a', 'tech:b'])
  expect(await site.authorsAtHub('from-b')).toEqual(['tech:b'])
  expect(await site.authorsAtHub('not-mine')).toBeUndefined()

  // N-3: nobody asks a hub whether a's credential has run out.
  await b.do({ do: 'set clock', aheadMs: 2 * HOUR_MS })
  const port = await b.do({ do: 'meet', addresses: [], mdns: undefined })
  await a.do({ do: 'create', id: 'too-late', area: 'north' })
  await a.do({ do: 'meet', addresses: [`ws://127.0.0.1:${port}/sync`], mdns: undefined })
  expect(await a.do({ do: 'be refused' })).toBe('credential-expired')
  await b.do({ do: 'hold', ids: ['from-a', 'from-b'] })
})

it('N-2 A4: a carrier that was tampered with lets everything through; the hub judges by the author’s right, and by what is revoked', async () => {
  const [a, c] = await Promise.all([
    site.device('a', { ...both, write: ['north'] }),
    site.device('c', { ...both, isTrusting: true }),
  ])
  await a.do({ do: 'create', id: 'not-mine', area: 'south' })
  await a.do({ do: 'create', id: 'mine', area: 'north' })
  await site.meet(a, c)
  await c.do({ do: 'hold', ids: ['not-mine', 'mine'] })
  await c.do({ do: 'visit hub', url: site.hub.syncUrl })
  // The hub's word is final for whoever carries it.
  await c.do({ do: 'hold', ids: ['mine'] })
  expect(await site.authorsAtHub('mine')).toEqual(['tech:a'])
  expect(await site.authorsAtHub('not-mine')).toBeUndefined()
  expect(await c.do({ do: 'list aside' })).toEqual([])
  // Whoever wrote it keeps it beside the record, once the hub says so to itself.
  await a.do({ do: 'visit hub', url: site.hub.syncUrl })
  await a.do({ do: 'hold', ids: ['mine'] })
  expect(await a.do({ do: 'list aside' })).toEqual(['notes/not-mine channel-not-granted'])

  await a.do({ do: 'leave hub' })
  await c.do({ do: 'leave hub' })
  await site.revoke(a)
  await a.do({ do: 'create', id: 'after', area: 'north' })
  await c.do({ do: 'hold', ids: ['mine', 'after'] })
  await c.do({ do: 'visit hub', url: site.hub.syncUrl })
  await c.do({ do: 'hold', ids: ['mine'] })
  expect(await site.authorsAtHub('mine')).toEqual(['tech:a'])
  expect(await site.authorsAtHub('after')).toBeUndefined()
})
