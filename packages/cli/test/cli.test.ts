import { chmodSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createAuthority, issueCredential } from '@skerry/credentials'
import { expect, test, vi } from 'vitest'
import { questionNames } from '../src/question.ts'
import { skerry, startHub, temporaryFolder } from './skerry.ts'

// Each test starts several processes, on machines that do other things too.
vi.setConfig({ testTimeout: 60_000 })

const key = 'ab'.repeat(32)

test('the command is a process like any other: result on stdout, words on stderr, code of its class', async () => {
  expect(await skerry(['--version'])).toMatchObject({ code: 0, err: '' })
  const usage = await skerry(['hubb'])
  expect(usage).toMatchObject({ code: 2, out: '' })
  expect(usage.err).toContain("unknown command 'hubb'")
  const config = await skerry(['hub'], { folder: temporaryFolder() })
  expect(config.code).toBe(3)
  expect(config.err).toContain('there is no skerry.config.ts')
})

test('a hub runs as a process, says where it listens, is ready, and ends with 0 on SIGTERM', async () => {
  const hub = await startHub()
  expect(await (await fetch(`${hub.url}/readyz`)).json()).toEqual({ status: 'ready' })
  const { code, out } = await hub.stop()
  expect(code).toBe(0)
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string; level: string; time: string })
  expect(lines.map(({ msg }) => msg)).toEqual(
    expect.arrayContaining(['hub ready', 'told to stop', 'draining', 'hub closed']),
  )
  expect(lines.every(({ level, time }) => level && !Number.isNaN(Date.parse(time)))).toBe(true)
  const token = readFileSync(`${hub.store}.admin-token`, 'utf8').trim()
  expect(out).toContain(`${hub.store}.admin-token`)
  expect(out).not.toContain(token)
})

test('SIGTERM while a client holds a connection ends within the time given', async () => {
  const hub = await startHub()
  const socket = connect(Number(new URL(hub.url).port), '127.0.0.1')
  socket.on('error', () => undefined) // it is cut off, which is the point
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write('GET /livez HTTP/1.1\r\n')
  expect((await hub.stop()).code).toBe(0)
})

test('a second signal ends at once', async () => {
  const hub = await startHub()
  const socket = connect(Number(new URL(hub.url).port), '127.0.0.1')
  socket.on('error', () => undefined) // it is cut off, which is the point
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write('GET /livez HTTP/1.1\r\n')
  const first = hub.stop('SIGTERM')
  const stopping = new Promise((resolve) => socket.once('close', resolve))
  await hub.stop('SIGINT')
  expect((await first).code).toBe(1)
  await stopping
})

test('what keeps a hub from starting has its class: store locked 5, port taken 6, secret exposed 4', async () => {
  const hub = await startHub()
  const locked = await skerry(['hub', '--store', hub.store])
  expect(locked.code).toBe(5)
  const port = new URL(hub.url).port
  const taken = await skerry(['hub', '--store', join(temporaryFolder(), 'other.db'), '--port', port])
  expect(taken.code).toBe(6)
  expect(taken.err).toContain(`port ${port}`)
  await hub.stop()
  chmodSync(`${hub.store}.authority.json`, 0o644)
  const exposed = await skerry(['hub', '--store', hub.store])
  expect(exposed.code).toBe(4)
  expect(exposed.err).toContain('chmod 600')
})

test('a device key is made once; a credential for it is issued, shown, and inspected', async () => {
  const hub = await startHub()
  const folder = temporaryFolder()
  const store = join(folder, 'edge.db')
  const made = await skerry(['credential', 'key', store])
  expect(made.out).toMatch(/^[0-9a-f]{64}\n$/)
  expect((await skerry(['credential', 'key', store])).out).toBe(made.out)
  const deviceKey = made.out.trim()
  const grant = [
    '--subject',
    'tech:ana',
    '--key',
    deviceKey,
    '--read',
    'region:north, region:south',
    '--write',
    'region:north',
  ]
  const issued = await skerry(['credential', 'issue', ...grant, '--store', hub.store])
  expect(issued).toMatchObject({ code: 0, err: '' })
  const shown = await skerry(['credential', 'show', '-', '--json'], { input: issued.out })
  expect(JSON.parse(shown.out)).toMatchObject({
    space: 'acme',
    subject: 'tech:ana',
    role: 'device',
    key: deviceKey,
    read: ['region:north', 'region:south'],
    expired: false,
  })
  const { publicKey } = (await (await fetch(`${hub.url}/api/v1/authority`)).json()) as { publicKey: string }
  expect((await skerry(['credential', 'show', issued.out.trim(), '--authority-key', publicKey])).code).toBe(0)
  const foreign = await skerry(['credential', 'show', issued.out.trim(), '--authority-key', key])
  expect(foreign.code).toBe(4)
})

test('a credential that has expired is shown all the same, with exit code 4', async () => {
  const token = await issueCredential(await createAuthority(), {
    space: 'acme',
    subject: 'tech:ana',
    publicKey: new Uint8Array(32),
    role: 'device',
    read: [],
    write: [],
    systems: [],
    issuedAt: Date.UTC(2020, 0, 1),
    expiresAt: Date.UTC(2020, 1, 1),
  })
  const { code, out, err } = await skerry(['credential', 'show', '-'], { input: token })
  expect(code).toBe(4)
  expect(out).toContain('2020-02-01T00:00:00.000Z (expired)')
  expect(err).toContain("'tech:ana' expired 2020-02-01")
})

test('a hub issues and revokes for whoever has its admin token', async () => {
  const hub = await startHub()
  const token = ['--admin-token-file', `${hub.store}.admin-token`]
  const args = ['credential', 'issue', '--subject', 'tech:ana', '--key', key, '--hub', hub.url]
  expect((await skerry(args)).code).toBe(4)
  expect((await skerry(args, { env: { SKERRY_ADMIN_TOKEN: 'wrong' } })).code).toBe(4)
  const issued = await skerry([...args, ...token, '--json'])
  expect(issued).toMatchObject({ code: 0, err: '' })
  const { hash } = JSON.parse(issued.out) as { hash: string }
  const revoked = await skerry(['credential', 'revoke', hash, '--hub', hub.url, '--store', hub.store])
  expect(revoked).toMatchObject({ code: 0, out: `revoked credential ${hash}\n` })
  expect((await skerry(['credential', 'revoke', key, '--device', '--hub', hub.url, ...token])).code).toBe(0)
  const tables = JSON.parse((await skerry(['inspect', hub.store, 'sizes', '--json'])).out) as {
    tables: Record<string, number>
  }
  expect(tables.tables['x:revoked']).toBe(2)
  await hub.stop()
  const gone = await skerry([...args, ...token])
  expect(gone.code).toBe(6)
  expect(gone.err).toContain('cannot be reached')
})

test('a store is inspected beside its running node, every question as text and as JSON', async () => {
  const hub = await startHub()
  const told = await Promise.all(questionNames.map((what) => skerry(['inspect', hub.store, what, '--json'])))
  for (const { code, out, err } of told) {
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(() => JSON.parse(out)).not.toThrow()
  }
  expect((await skerry(['inspect', hub.store])).out).toContain('records    0')
  expect((await fetch(`${hub.url}/readyz`)).status).toBe(200)
  expect((await hub.stop()).code).toBe(0)
})

test('inspecting what is not there is exit code 5', async () => {
  const { code, err } = await skerry(['inspect', join(temporaryFolder(), 'no.db')])
  expect(code).toBe(5)
  expect(err).toContain('there is no such file')
})
