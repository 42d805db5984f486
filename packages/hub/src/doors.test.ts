/** Who comes to a hub's doors with something else than a credential and its key, or with a clock of its own. */
import { request } from 'node:http'
import { memoryStore, toHex } from '@skerry/core'
import { nodeHost, openReplica } from '@skerry/node'
import { expect, onTestFinished, test } from 'vitest'
import { problemIn } from './app.test-support.ts'
import {
  collections,
  HOUR_MS,
  issue,
  join,
  openEdge,
  type RunningHub,
  runHub,
  until,
} from './hub.test-support.ts'
import { readSecret } from './secret-file.ts'
import { adminTokenPath } from './secrets.ts'

const job = { title: 'pump', region: 'north', open: true, rank: 1 }
const YEAR_MS = 366 * 24 * HOUR_MS

const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-protocol': 'skerry.v1',
}

/** The status that an upgrade is answered with; 101 where it is taken. */
function upgradeStatus(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const key = { 'sec-websocket-key': Buffer.alloc(16).toString('base64') }
    const asked = request(url.replace('ws:', 'http:'), { headers: { ...upgrade, ...key, ...headers } })
    asked.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(response.statusCode ?? 0)
    })
    asked.on('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.on('error', reject)
    asked.end()
  })
}

test('fault A6: a page of an origin that the hub does not list opens no socket; apps and devices do', async () => {
  const hub = await runHub({ origins: ['https://app.example'] })
  expect(await upgradeStatus(hub.syncUrl, { origin: 'https://evil.example' })).toBe(403)
  expect(await upgradeStatus(hub.syncUrl, { origin: 'https://app.example.evil.example' })).toBe(403)
  expect(await upgradeStatus(hub.syncUrl, { origin: 'null' })).toBe(403)
  expect(await upgradeStatus(hub.syncUrl, { origin: 'https://app.example' })).toBe(101)
  expect(await upgradeStatus(hub.syncUrl, {})).toBe(101)
})

test('fault A7: a token in an address opens nothing, and no log has it', async () => {
  const hub = await runHub()
  const ana = await openEdge(hub, 'tech:ana')
  const admin = (await readSecret(adminTokenPath(hub.store)))!.trim()
  for (const token of [admin, ana.token]) {
    const query = new URLSearchParams({ access_token: token, token, authorization: `Bearer ${token}` })
    for (const path of ['/api/v1/records/jobs', '/api/v1/streams'])
      expect(await problemIn(await fetch(`${hub.url}${path}?${query}`))).toMatchObject({ status: 401 })
    const issuing = await fetch(`${hub.url}/api/v1/credentials?${query}`, { method: 'POST' })
    expect(await problemIn(issuing)).toMatchObject({ status: 401 })
    // A socket is a line and no session: it still has to say who it is.
    const socket = new WebSocket(`${hub.syncUrl}?${query}`, 'skerry.v1')
    onTestFinished(() => socket.close())
    await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }))
    expect(await (await fetch(`${hub.url}/metrics`)).text()).toContain('skerry_entries_out_total 0')
    socket.close()
  }
  expect(hub.logged.join('')).not.toContain(ana.token)
  expect(hub.logged.join('')).not.toContain(admin)
})

/** A device whose clock is off by so many milliseconds. */
async function skewed(hub: RunningHub, byMs: number) {
  const host = { ...nodeHost(), now: () => Date.now() + byMs }
  const replica = await openReplica({
    host,
    authority: hub.authority,
    collections,
    space: 'acme',
    store: memoryStore(),
  })
  onTestFinished(() => replica.close())
  return replica
}

test.each([
  ['ahead', 10 * YEAR_MS],
  ['at 1970', -Date.now()],
])(
  'fault T1, T2, T5: a device whose clock is %s syncs: the hub decides when a credential ends',
  async (_, byMs) => {
    const hub = await runHub()
    const replica = await skewed(hub, byMs)
    const ben = await openEdge(hub, 'tech:ben')
    await replica.setCredential(await issue(hub, replica, 'tech:ana', { expiresAt: Date.now() + HOUR_MS }))
    join(hub, replica)
    join(hub, ben.replica)
    await replica.jobs.create(job, { id: 'j1' })
    await replica.jobs.saved('j1', 'hub')
    await until(ben.replica, async () => (await ben.replica.jobs.get('j1')) !== undefined)
    // A field that such a clock wrote does not win for ever.
    await ben.replica.jobs.update('j1', (draft) => {
      draft.title = 'by a right clock'
    })
    await until(replica, async () => (await replica.jobs.get('j1'))?.title === 'by a right clock')
    expect(await hub.replica.collection('jobs').get('j1')).toMatchObject({ title: 'by a right clock' })
    expect(await replica.aside()).toEqual([])
  },
)

test('fault A8: a device that shows the credential of another one, without its key, gets no session; that of the true one stays', async () => {
  const hub = await runHub()
  const ana = await openEdge(hub, 'tech:ana')
  const { link } = join(hub, ana.replica)
  await link.opened()
  const eve = await skewed(hub, 0)
  await expect(eve.setCredential(ana.token)).rejects.toMatchObject({ code: 'credential-malformed' })
  // A device of its own making, which does not check what it shows.
  const shown = { credential: ana.replica.credential, publicKey: ana.replica.publicKey }
  const forged = new Proxy(eve.session, {
    get(session, name) {
      if (name in shown) return Reflect.get(shown, name)
      const value: unknown = Reflect.get(session, name, session)
      return typeof value === 'function' ? value.bind(session) : value
    },
  })
  const { firstEnd, link: other } = join(hub, { session: forged } as never)
  await expect(other.opened()).rejects.toThrow()
  expect((await firstEnd).error).toMatchObject({ code: 'bad-proof' })
  expect(link.state.phase).toBe('open')
  expect(toHex(eve.publicKey)).not.toBe(toHex(ana.replica.publicKey))
})
