import { existsSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { MemoryDisk, memoryStore, type Rule, StoreError, toHex } from '@skerry/core'
import { createAuthority, issueCredential } from '@skerry/credentials'
import { expect, it, test } from 'vitest'
import { problemIn } from './app.test-support.ts'
import {
  HOUR_MS,
  issue,
  join,
  openEdge,
  openTwin,
  openUnenrolled,
  runHub,
  steppedMachine,
  until,
} from './hub.test-support.ts'
import { HUB_CREDENTIAL_LIFE_MS, REQUEST_BODY_BYTES_MAX, SESSIONS_PER_CREDENTIAL_MAX } from './limits.ts'
import { readSecret } from './secret-file.ts'
import { adminTokenPath, authorityPath } from './secrets.ts'
import { temporaryFolder } from './temporary-folder.test-support.ts'

const job = { title: 'pump', region: 'north', open: true, rank: 1 }
const loose = { title: 'valve', region: 'south', open: true, rank: 2 }

test('two edges meet through the hub, and the hub answers for what it holds', async () => {
  const hub = await runHub()
  const [ana, ben] = [await openEdge(hub, 'tech:ana'), await openEdge(hub, 'tech:ben')]
  join(hub, ana.replica)
  join(hub, ben.replica)
  await ana.replica.jobs.create(job, { id: 'j1' })
  await until(ben.replica, async () => (await ben.replica.jobs.get('j1')) !== undefined)
  await ben.replica.jobs.update('j1', (draft) => {
    draft.title = 'pump 2'
  })
  await until(ana.replica, async () => (await ana.replica.jobs.get('j1'))?.title === 'pump 2')
  const record = await (await hub.asAdmin('GET', '/api/v1/records/jobs/j1')).json()
  expect(record).toEqual({ id: 'j1', value: { ...job, title: 'pump 2' } })
  const metrics = await (await fetch(`${hub.url}/metrics`)).text()
  expect(metrics).toContain('skerry_sessions_open 2')
  expect(metrics).toContain('skerry_records 1')
  expect(metrics).toMatch(/skerry_entries_in_total [2-9]/)
  expect(metrics).toMatch(/skerry_entries_out_total [2-9]/)
  expect(metrics).toMatch(/skerry_session_bytes_in_total [1-9]/)
})

test('a device is told its channels and no others', async () => {
  const hub = await runHub()
  const ana = await openEdge(hub, 'tech:ana', { read: ['region:north'], write: ['region:north'] })
  const office = await openEdge(hub, 'office')
  join(hub, office.replica)
  await office.replica.jobs.create(loose, { id: 'j2' })
  await office.replica.jobs.create(job, { id: 'j1' })
  join(hub, ana.replica)
  await until(ana.replica, async () => (await ana.replica.jobs.get('j1')) !== undefined)
  expect(await ana.replica.jobs.get('j2')).toBeUndefined()
})

test('fault A3: what a device may not write is refused, counted and set aside there: read-only, and a foreign channel', async () => {
  const hub = await runHub()
  const reader = await openEdge(hub, 'tech:reader', { read: ['region:north'], write: [] })
  const ana = await openEdge(hub, 'tech:ana', { read: ['region:north'], write: ['region:north'] })
  join(hub, reader.replica)
  join(hub, ana.replica)
  await reader.replica.jobs.create(job, { id: 'j1' })
  await ana.replica.jobs.create(loose, { id: 'j2' })
  await until(reader.replica, async () => (await reader.replica.aside()).length > 0)
  await until(ana.replica, async () => (await ana.replica.aside()).length > 0)
  expect((await reader.replica.aside())[0]).toMatchObject({ record: 'jobs/j1', code: 'read-only' })
  expect((await ana.replica.aside())[0]).toMatchObject({ record: 'jobs/j2', code: 'channel-not-granted' })
  expect(await (await hub.asAdmin('GET', '/api/v1/records/jobs')).json()).toEqual({ records: [] })
  const metrics = await (await fetch(`${hub.url}/metrics`)).text()
  expect(metrics).toContain('skerry_entries_refused_total{code="read-only"} 1')
  expect(metrics).toContain('skerry_entries_refused_total{code="channel-not-granted"} 1')
})

test('what breaks a rule is mended, with a receipt that reaches its author', async () => {
  const rule: Rule<typeof job> = {
    name: 'rank-is-positive',
    collection: 'jobs',
    check: ({ after }) =>
      after.rank > 0
        ? undefined
        : {
            reason: 'a rank is above zero',
            mend(draft) {
              draft.rank = 1
            },
          },
  }
  const hub = await runHub({}, [rule])
  const ana = await openEdge(hub, 'tech:ana')
  join(hub, ana.replica)
  await ana.replica.jobs.create({ ...job, rank: -5 }, { id: 'j1' })
  await until(ana.replica, async () => (await ana.replica.jobs.get('j1'))?.rank === 1)
  await until(ana.replica, async () => (await ana.replica.jobs.receipts('j1')).length > 0)
  expect((await ana.replica.jobs.receipts('j1'))[0]).toMatchObject({
    outcome: 'mended',
    rule: 'rank-is-positive',
    reason: 'a rank is above zero',
  })
  expect(await (await fetch(`${hub.url}/metrics`)).text()).toContain(
    'skerry_mends_total{rule="rank-is-positive"} 1',
  )
})

test.each([
  ['of another authority', 'credential-bad-signature', 'acme'],
  ['of another space', 'wrong-space', 'globex'],
])('fault A1: a credential %s opens no session (%s)', async (_, reason, space) => {
  const hub = await runHub()
  const foreign = await createAuthority()
  const { replica } = await openUnenrolled(hub, space, foreign.publicKey)
  const rights = { role: 'device', read: ['*'], write: ['*'], systems: [] } as const
  const times = { issuedAt: Date.now(), expiresAt: Date.now() + 60_000 }
  await replica.setCredential(
    await issueCredential(foreign, {
      space,
      subject: 'eve',
      publicKey: replica.publicKey,
      ...rights,
      ...times,
    }),
  )
  const { link, firstEnd } = join(hub, replica)
  await expect(link.opened()).rejects.toThrow()
  expect((await firstEnd).error).toMatchObject({ code: reason })
})

test('a session ends when its credential expires (E3), none opens with it, and a newer one is taken', async () => {
  const { machine, advance } = steppedMachine()
  const hub = await runHub({ machine })
  const ana = await openEdge(hub, 'tech:ana', { expiresAt: machine.now() + HOUR_MS })
  const { link, firstEnd } = join(hub, ana.replica)
  await link.opened()
  advance(HOUR_MS)
  expect(await firstEnd).toMatchObject({ code: 4401 })
  const again = join(hub, ana.replica)
  await expect(again.link.opened()).rejects.toThrow()
  expect((await again.firstEnd).error).toMatchObject({ code: 'credential-expired' })
  const token = await issue(hub, ana.replica, 'tech:ana', { expiresAt: machine.now() + HOUR_MS })
  await ana.replica.setCredential(token)
  link.renew(token)
  await ana.replica.jobs.create(job, { id: 'j1' })
  await until(ana.replica, async () => (await ana.replica.stats()).unacknowledged === 0)
})

test('the hub renews its own credential before it expires', async () => {
  const { machine, advance } = steppedMachine()
  const hub = await runHub({ machine })
  const first = hub.replica.credential!
  const renewed = new Promise<void>((resolve) => {
    hub.replica.onCommit(() => hub.replica.credential!.hash !== first.hash && resolve())
  })
  advance(HUB_CREDENTIAL_LIFE_MS / 2)
  await renewed
  expect(hub.replica.credential!.expiresAt - first.expiresAt).toBe(HUB_CREDENTIAL_LIFE_MS / 2)
})

test('revoking ends the open session with 4403, and none opens again', async () => {
  const hub = await runHub()
  const ana = await openEdge(hub, 'tech:ana')
  const ben = await openEdge(hub, 'tech:ben')
  const first = join(hub, ana.replica)
  const other = join(hub, ben.replica)
  await first.link.opened()
  await other.link.opened()
  expect((await hub.asAdmin('DELETE', `/api/v1/credentials/${ana.hash}`)).status).toBe(204)
  expect(await first.firstEnd).toMatchObject({ code: 4403 })
  const again = join(hub, ana.replica)
  await expect(again.link.opened()).rejects.toThrow()
  expect(await again.firstEnd).toMatchObject({ code: 4403 })
  expect(other.link.state.phase).toBe('open')
})

it('fault A4: a device that is to be wiped loses what it holds when it hears of it, and its session ends at once', async () => {
  const hub = await runHub()
  const ana = await openEdge(hub, 'tech:ana')
  const { link, firstEnd } = join(hub, ana.replica)
  await ana.replica.jobs.create(job, { id: 'j1' })
  await ana.replica.jobs.saved('j1', 'hub')
  const gone = until(ana.replica, async () => (await ana.replica.jobs.get('j1')) === undefined)
  const path = `/api/v1/devices/${toHex(ana.replica.publicKey)}`
  expect((await hub.asAdmin('DELETE', `${path}?wipe=perhaps`)).status).toBe(400)
  const startedAt = performance.now()
  expect((await hub.asAdmin('DELETE', `${path}?wipe=true`)).status).toBe(204)
  expect(await firstEnd).toMatchObject({ code: 4403 })
  expect(performance.now() - startedAt).toBeLessThan(5_000)
  await gone
  expect((await ana.replica.stats()).records).toBe(0)
  await link.close()
})

test('fault A4: a revoked device stays out after the hub was started again, whatever credential it gets', async () => {
  const hub = await runHub()
  const ana = await openEdge(hub, 'tech:ana')
  expect((await hub.asAdmin('DELETE', `/api/v1/devices/${toHex(ana.replica.publicKey)}`)).status).toBe(204)
  await hub.close()
  const again = await runHub({ store: hub.store })
  await expect(issue(again, ana.replica, 'tech:ana', {})).rejects.toThrow()
  const { link, firstEnd } = join(again, ana.replica)
  await expect(link.opened()).rejects.toThrow()
  expect(await firstEnd).toMatchObject({ code: 4403 })
})

test('a hub started again is the same: authority, node, records', async () => {
  const hub = await runHub()
  const ana = await openEdge(hub, 'tech:ana')
  const before = join(hub, ana.replica)
  await ana.replica.jobs.create(job, { id: 'j1' })
  await until(ana.replica, async () => (await ana.replica.stats()).unacknowledged === 0)
  await before.link.close()
  await hub.close()
  const again = await runHub({ store: hub.store })
  expect(again.authority).toEqual(hub.authority)
  expect(again.replica.node).toBe(hub.replica.node)
  await join(again, ana.replica).link.opened()
  expect(await (await again.asAdmin('GET', '/api/v1/records/jobs/j1')).json()).toMatchObject({ value: job })
})

test('draining tells sessions to come back, answers what is under way, takes no more, and closes the store', async () => {
  const hub = await runHub()
  const ana = await openEdge(hub, 'tech:ana')
  const { link, firstEnd } = join(hub, ana.replica)
  await link.opened()
  await hub.close()
  expect(await firstEnd).toMatchObject({ code: 4503, retry: true })
  await expect(fetch(`${hub.url}/livez`)).rejects.toThrow()
  expect(existsSync(`${hub.store}-wal`)).toBe(false)
  expect(hub.logged.join('')).toContain('hub closed')
})

test('a client that holds a connection open does not keep the hub from ending', async () => {
  const hub = await runHub({ drainMs: 50 })
  const socket = connect(Number(new URL(hub.url).port), '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n') // and never the end of the headers
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await hub.close()
  await closed
})

test('sessions at once have a ceiling; beyond it the upgrade is answered 503', async () => {
  const hub = await runHub({ sessionsMax: 1 })
  const [ana, ben] = [await openEdge(hub, 'tech:ana'), await openEdge(hub, 'tech:ben')]
  await join(hub, ana.replica).link.opened()
  const { link } = join(hub, ben.replica)
  await new Promise<void>((resolve) => {
    link.subscribe(({ phase }) => phase === 'waiting' && resolve())
  })
  expect(link.state.lastError?.message).toContain('503')
})

test('replicas that use one credential at once have a ceiling', async () => {
  const hub = await runHub()
  const ana = await openEdge(hub, 'tech:ana')
  for (let i = 0; i < SESSIONS_PER_CREDENTIAL_MAX; i++) {
    const { link } = join(hub, i === 0 ? ana.replica : await openTwin(hub, ana))
    await link.opened()
  }
  const { firstEnd } = join(hub, await openTwin(hub, ana))
  expect(await firstEnd).toMatchObject({ code: 4429, retry: true })
  expect(await (await fetch(`${hub.url}/metrics`)).text()).toContain(
    `skerry_sessions_open ${SESSIONS_PER_CREDENTIAL_MAX}`,
  )
})

test('a newer session of the same replica takes the place of the older one (E2)', async () => {
  const hub = await runHub()
  const ana = await openEdge(hub, 'tech:ana')
  const older = join(hub, ana.replica)
  await older.link.opened()
  await join(hub, ana.replica).link.opened()
  expect(await older.firstEnd).toMatchObject({ code: 4409 })
})

test('bodies are counted while they come, with a length and without', async () => {
  const hub = await runHub()
  const token = (await readSecret(adminTokenPath(hub.store)))!.trim()
  const headers = { authorization: `Bearer ${token}` }
  const send = (body: RequestInit['body']) =>
    fetch(`${hub.url}/api/v1/credentials`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
  const chunks = (count: number) =>
    new ReadableStream({
      start(controller) {
        for (let i = 0; i < count; i++) controller.enqueue(new Uint8Array(64 * 1024))
        controller.close()
      },
    })
  expect((await send('x'.repeat(REQUEST_BODY_BYTES_MAX))).status).toBe(400)
  expect((await send('x'.repeat(REQUEST_BODY_BYTES_MAX + 1))).status).toBe(413)
  expect((await send(chunks(4))).status).toBe(400)
  expect((await send(chunks(5))).status).toBe(413)
})

test('fault S2: a full disk is told as not ready, and nothing is acknowledged', async () => {
  const disk = { inner: new MemoryDisk(), full: false }
  const beforeCommit = () => {
    if (disk.full) throw new StoreError('full', 'commit: the disk is full; make room')
  }
  const hub = await runHub({ openStore: () => memoryStore({ disk: disk.inner, beforeCommit }) })
  const ana = await openEdge(hub, 'tech:ana')
  const { link, firstEnd } = join(hub, ana.replica)
  await link.opened()
  disk.full = true
  await ana.replica.jobs.create(job, { id: 'j1' })
  expect(await firstEnd).toMatchObject({ code: 4507, retry: true })
  expect((await ana.replica.stats()).unacknowledged).toBeGreaterThan(0)
  expect(await problemIn(await fetch(`${hub.url}/readyz`))).toMatchObject({ code: 'store-failing' })
  disk.full = false
  link.wake()
  await until(ana.replica, async () => (await ana.replica.stats()).unacknowledged === 0)
})

test('a port that is taken is said so, and the store is left closed', async () => {
  const hub = await runHub()
  const store = `${temporaryFolder()}/other.db`
  const port = Number(new URL(hub.url).port)
  await expect(runHub({ store, port })).rejects.toMatchObject({ code: 'cannot-listen' })
  await (await runHub({ store })).close()
})

test('one store has one hub', async () => {
  const hub = await runHub()
  await expect(runHub({ store: hub.store })).rejects.toMatchObject({ name: 'StoreError', code: 'locked' })
})

test('a store whose authority is gone is not given a new one', async () => {
  const hub = await runHub()
  await hub.close()
  rmSync(authorityPath(hub.store))
  await expect(runHub({ store: hub.store })).rejects.toThrow('restore it from a backup')
  expect(existsSync(authorityPath(hub.store))).toBe(false)
})

test('D6: a device over its budget is served later, which is logged with its subject and counted, and loses nothing', async () => {
  const { machine, advance } = steppedMachine()
  const hub = await runHub({ machine, budget: { operations: { perSecond: 10, burst: 1 } } })
  const ana = await openEdge(hub, 'tech:ana')
  join(hub, ana.replica)
  await ana.replica.jobs.create(job, { id: 'j1' })
  await ana.replica.jobs.saved('j1', 'hub')
  await ana.replica.jobs.create(job, { id: 'j2' })
  const slowed = () => hub.logged.map((line) => JSON.parse(line)).filter(({ by }) => by === 'operations')
  while (slowed().length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(slowed()[0]).toMatchObject({ level: 'info', subject: 'tech:ana', waitMs: expect.any(Number) })
  expect((await hub.asAdmin('GET', '/api/v1/records/jobs/j2')).status).toBe(404)
  advance(slowed()[0].waitMs)
  await ana.replica.jobs.saved('j2', 'hub')
  expect(slowed()).toHaveLength(1)
  const metrics = await (await fetch(`${hub.url}/metrics`)).text()
  expect(metrics).toContain('skerry_sessions_slowed_total{by="operations"} 1')
  expect(metrics).toMatch(/skerry_session_slowed_seconds_total [4-9]/)
})

test('D1 D3: an upgrade beyond the rate is 503 with the time to come back, and the hub stays ready', async () => {
  const { machine, advance } = steppedMachine()
  const hub = await runHub({ machine, admissions: { perSecond: 1, burst: 1 } })
  const upgrade = () =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(hub.url).port), '127.0.0.1')
      const key = Buffer.from('0123456789abcdef').toString('base64')
      socket.write(
        `GET /sync HTTP/1.1\r\nHost: hub\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: skerry.v1\r\n\r\n`,
      )
      socket.once('data', (bytes) => {
        resolve(bytes.toString())
        socket.destroy()
      })
      socket.once('error', reject)
    })
  expect(await upgrade()).toContain('101 Switching Protocols')
  const refused = await upgrade()
  expect(refused).toContain('503 Service Unavailable')
  expect(refused).toContain('retry-after: 1\r\n')
  expect(refused).toContain('"code":"too-many-handshakes"')
  expect(refused).toContain('"retryable":true')
  expect((await fetch(`${hub.url}/readyz`)).status).toBe(200)
  expect(await (await fetch(`${hub.url}/metrics`)).text()).toContain('skerry_sessions_turned_away_total 1')
  advance(1000)
  expect(await upgrade()).toContain('101 Switching Protocols')
})
