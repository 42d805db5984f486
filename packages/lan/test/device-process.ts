/** A device of the tests with real processes: does what its parent tells it, one order after another. */
import type { CredentialVerifier, Session } from '@skerry/core'
import { credentialVerifier } from '@skerry/credentials'
import { nodeHost, openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { connect, type Link } from '@skerry/ws'
import { type LanEvent, type Meeting, mdnsDiscovery, meetPeers } from '../src/index.ts'
import { type Answer, notes, type Order, SPACE } from './orders.ts'

type OrderOf<Do extends Order['do']> = Extract<Order, { do: Do }>

let clockAheadMs = 0
const host = { ...nodeHost(), now: () => Date.now() + clockAheadMs }
const events: LanEvent[] = []
let tellEvent: () => void = () => undefined
let device: Awaited<ReturnType<typeof open>>
let meeting: Meeting | undefined
let hub: Link<Session> | undefined

/** A trusting device was tampered with: it takes everybody for entitled to write everything. */
function trusting(verifier: CredentialVerifier): CredentialVerifier {
  return {
    verify: async (token, at) => ({ ...(await verifier.verify(token, at)), write: ['*'] }),
  }
}

async function open({ authority, path, isTrusting }: OrderOf<'open'>) {
  const verifier = credentialVerifier({
    space: SPACE,
    authority: new Uint8Array(Buffer.from(authority, 'hex')),
    sha256: (bytes) => host.sha256(bytes),
  })
  return openReplica({
    host,
    store: sqliteStore({ path }),
    collections: { notes },
    space: SPACE,
    verifier: isTrusting ? trusting(verifier) : verifier,
  })
}

async function meet({ addresses, mdns }: OrderOf<'meet'>): Promise<number> {
  meeting = await meetPeers(device, {
    addresses,
    address: '127.0.0.1',
    discovery: mdns ? await mdnsDiscovery({ ...mdns, host }) : 'none',
    log: (event) => {
      events.push(event)
      tellEvent()
    },
  })
  return meeting.port
}

/** Resolves when `found` gives something, asked after each commit. */
function committed<T>(found: () => Promise<T | undefined>): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = async (): Promise<void> => {
      const value = await found()
      if (value === undefined) return
      stop()
      resolve(value)
    }
    const stop = device.onCommit(() => void look().catch(reject))
    look().catch(reject)
  })
}

async function holds(ids: readonly string[]): Promise<true | undefined> {
  const held = (await device.notes.all()).map(({ id }) => id)
  return held.sort().join() === [...ids].sort().join() ? true : undefined
}

function refused(): Promise<string> {
  return new Promise((resolve) => {
    tellEvent = () => {
      const event = events.find(({ kind }) => kind === 'refused')
      if (event?.kind !== 'refused') return
      const { cause } = event.error
      resolve(cause instanceof Error && 'code' in cause ? String(cause.code) : event.error.code)
    }
    tellEvent()
  })
}

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'open':
      device = await open(order)
      return Buffer.from(device.publicKey).toString('hex')
    case 'enrol':
      await device.setCredential(order.token)
      return undefined
    case 'meet':
      return meet(order)
    case 'part':
      return meeting?.close()
    case 'create':
      await device.notes.create({ title: order.id, area: order.area }, { id: order.id })
      return undefined
    case 'retitle':
      await device.notes.update(order.id, (note) => {
        note.title = order.title
      })
      return undefined
    case 'hold':
      return committed(() => holds(order.ids))
    case 'read':
      return committed(async () =>
        (await device.notes.get(order.id))?.title === order.title ? true : undefined,
      )
    case 'be refused':
      return refused()
    case 'visit hub':
      hub = connect(device, order.url)
      return hub.opened()
    case 'leave hub':
      return hub?.close()
    case 'set clock':
      clockAheadMs = order.aheadMs
      return undefined
    case 'list aside':
      return (await device.aside()).map(({ record, code }) => `${record} ${code}`)
  }
}

function answer(said: Answer): void {
  process.send!(said)
}

process.on('message', ({ number, order }: { number: number; order: Order }) => {
  obey(order).then(
    (value) => answer({ number, value }),
    (error: unknown) => answer({ number, error: error instanceof Error ? `${error.stack}` : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
