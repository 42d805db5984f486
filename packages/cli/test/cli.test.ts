import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { type RunningHub, skerry, startHub, temporaryFolder } from './skerry.ts'

// Each test starts several processes, on machines that do other things too.
vi.setConfig({ testTimeout: 240_000 })

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

/** A client that holds its connection: half a request. */
async function halfRequest(hub: RunningHub): Promise<Socket> {
  const socket = connect(Number(new URL(hub.url).port), '127.0.0.1')
  socket.on('error', () => undefined) // it is cut off, which is the point
  await once(socket, 'connect')
  socket.write('GET /livez HTTP/1.1\r\n')
  return socket
}

test('SIGTERM while a client holds a connection ends within the time given', async () => {
  const hub = await startHub()
  await halfRequest(hub)
  expect((await hub.stop()).code).toBe(0)
})

test('a second signal ends at once', async () => {
  const hub = await startHub()
  const socket = await halfRequest(hub)
  const first = hub.stop('SIGTERM')
  // Not by `once`, which takes the reset of the connection for a failure.
  const stopping = new Promise((resolve) => socket.once('close', resolve))
  await hub.stop('SIGINT')
  expect((await first).code).toBe(1)
  await stopping
})

test('what keeps a hub from starting has its class: store locked 5, port taken 6, secret exposed 4', async () => {
  const hub = await startHub()
  const locked = await skerry(['hub', '--store', hub.store])
  expect(locked.code).toBe(5)
  expect(locked.err).toContain('stop that process, or look into the file beside it (skerry inspect)')
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

test('a store in a folder that is not there is exit code 5, an address that is none of this machine 6', async () => {
  const missing = await skerry(['hub', '--store', join(temporaryFolder(), 'nowhere', 'hub.db')])
  expect(missing).toMatchObject({ code: 5, err: expect.stringContaining('does not exist; create it') })
  const foreign = await skerry(['hub', '--host', '999.1.1.1', '--store', join(temporaryFolder(), 'hub.db')])
  expect(foreign).toMatchObject({
    code: 6,
    err: expect.stringContaining('want an address of this machine: 127.0.0.1'),
  })
})

test.each(['ts', 'mjs'])('a syntax error in a config (.%s) has its line', async (extension) => {
  const folder = temporaryFolder()
  const file = join(folder, `skerry.config.${extension}`)
  writeFileSync(file, "export default {\n  space: 'acme',\n}\nfoo bar\n")
  const { code, err } = await skerry(['hub'], { folder })
  expect(code).toBe(3)
  expect(err).toContain(`(${file}:4)`)
})
