import { chmodSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configFolder, skerry, startHub, temporaryFolder } from './skerry.ts'

const key = 'ab'.repeat(32)

test('help shows the commands and what exit codes mean', async () => {
  const { code, out } = await skerry(['--help'])
  expect(code).toBe(0)
  for (const words of ['hub', 'credential', 'inspect', 'Exit codes:', '6  network'])
    expect(out).toContain(words)
})

test.each([
  ['hub'],
  ['credential issue'],
  ['credential show'],
  ['credential revoke'],
  ['credential key'],
  ['inspect'],
])('help of %s has examples', async (command) => {
  const { code, out } = await skerry([...command.split(' '), '--help'])
  expect(code).toBe(0)
  expect(out).toContain(`$ skerry ${command}`)
})

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  expect(await skerry(['--version'])).toMatchObject({ code: 0, out: `${version}\n` })
})

test.each([
  ['no command', []],
  ['a command that is none', ['hubb']],
  ['an option that is none', ['hub', '--prot', '1']],
  ['a port that is none', ['hub', '--port', '70000']],
  ['a missing option', ['credential', 'issue', '--subject', 'x']],
  ['a question that is none', ['inspect', 'x.db', 'everything']],
  ['a key that is none', ['credential', 'issue', '--subject', 'x', '--key', 'ab']],
  ['no one to sign', ['credential', 'issue', '--subject', 'x', '--key', key]],
  ['a token that is none', ['credential', 'show', 'nothing']],
])('%s is a usage error: exit code 2', async (_, args) => {
  const { code, out, err } = await skerry(args)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).not.toBe('')
})

test('no config is exit code 3, and says what to make', async () => {
  const { code, err } = await skerry(['hub'], { folder: temporaryFolder() })
  expect(code).toBe(3)
  expect(err).toContain('there is no skerry.config.ts')
})

test.each([
  [
    'unknown-key',
    [
      "skerry.config.ts: unknown key 'hub.prot'; did you mean 'port'?",
      "unknown key 'colections'; did you mean 'collections'?",
    ],
  ],
  ['no-default', ['no default export']],
  ['throws', ['cannot be loaded: DATABASE_URL is not set']],
  ['wrong', ['space: ', 'collections.jobs: want a collection', 'hub.port: ']],
])('a config with %s is exit code 3, and says where', async (name, words) => {
  const { code, err } = await skerry(['hub'], { folder: configFolder(name) })
  expect(code).toBe(3)
  for (const word of words) expect(err).toContain(word)
  expect((await skerry(['hub', '--config', 'missing.ts'])).code).toBe(3)
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
  const first = hub.stop('SIGINT')
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

test('a credential that has expired is shown, with exit code 4', async () => {
  const hub = await startHub()
  const issued = await skerry([
    'credential',
    'issue',
    '--subject',
    'x',
    '--key',
    key,
    '--days',
    '1',
    '--store',
    hub.store,
  ])
  expect(issued.code).toBe(0)
  const past = await skerry([
    'credential',
    'issue',
    '--subject',
    'x',
    '--key',
    key,
    '--expires',
    '2020-01-01',
    '--store',
    hub.store,
  ])
  expect(past.code).toBe(4)
  expect(past.err).toContain('is not after iat')
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
  for (const what of ['summary', 'records', 'heads', 'log', 'cursors', 'channels', 'sizes', 'verify']) {
    const text = await skerry(['inspect', hub.store, what])
    expect(text).toMatchObject({ code: 0, err: '' })
    expect(text.out).not.toBe('')
    const json = await skerry(['inspect', hub.store, what, '--json'])
    expect(() => JSON.parse(json.out)).not.toThrow()
  }
  expect((await fetch(`${hub.url}/readyz`)).status).toBe(200)
  expect((await hub.stop()).code).toBe(0)
})

test('inspecting what is not there is exit code 5', async () => {
  const { code, err } = await skerry(['inspect', join(temporaryFolder(), 'no.db')])
  expect(code).toBe(5)
  expect(err).toContain('there is no such file')
})
