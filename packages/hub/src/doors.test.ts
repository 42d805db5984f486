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
  steppedMachine,
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

test('fault P12: a device that comes back after 90 days gets a new credential, then only what it missed, and goes on where a broken line left it', async () => {
  const { machine, advance } = steppedMachine()
  const hub = await runHub({ machine, openStore: () => memoryStore() })
  const records = hub.replica.collection('jobs')
  const write = async (from: number, to: number) => {
    for (let id = from; id < to; id++)
      await records.create({ ...job, title: 'x'.repeat(4_000) }, { id: `j${id}` })
  }
  const ana = await openEdge(hub, 'tech:ana', { expiresAt: machine.now() + HOUR_MS })
  const first = join(hub, ana.replica)
  await write(0, 100)
  await until(ana.replica, async () => (await ana.replica.stats()).records === 100)
  await first.link.close()
  await ana.replica.jobs.create(job, { id: 'offline' })

  for (let day = 0; day < 90; day++) advance(24 * HOUR_MS)
  await write(100, 400)
  const refused = join(hub, ana.replica)
  expect((await refused.firstEnd).error).toMatchObject({ code: 'credential-expired' })
  await refused.link.close()
  await ana.replica.setCredential(
    await issue(hub, ana.replica, 'tech:ana', { expiresAt: machine.now() + HOUR_MS }),
  )

  // With its own.
  const TOTAL = 401
  let entriesIn = 0
  // Broken off on the way, each time with some more of it here.
  const progress = [100]
  for (let broken = false; progress.at(-1)! < TOTAL; broken = true) {
    const { link } = join(hub, ana.replica)
    await link.opened()
    const session = link.session!
    const had = progress.at(-1)!
    await until(ana.replica, async () => (await ana.replica.stats()).records > had || session.current)
    if (broken) await until(ana.replica, async () => (await ana.replica.stats()).records === TOTAL)
    await link.close()
    entriesIn += session.counters.entriesIn
    progress.push((await ana.replica.stats()).records)
  }
  expect(progress).toEqual([...progress].sort((a, b) => a - b))
  expect(progress.length).toBeGreaterThanOrEqual(3)
  join(hub, ana.replica)
  await ana.replica.jobs.saved('offline', 'hub')
  expect(await records.get('offline')).toMatchObject({ title: 'pump' })
  // What was under way when the line broke comes twice; what it had before does not come at all.
  expect(entriesIn).toBeLessThan(300 + 200)
})
