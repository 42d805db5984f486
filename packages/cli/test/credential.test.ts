/** A device's key, and its credential: made, issued, shown, refused. */
import { join } from 'node:path'
import { createAuthority, issueCredential } from '@skerry/credentials'
import { expect, test, vi } from 'vitest'
import { skerry, startHub, temporaryFolder } from './skerry.ts'

// Each test starts several processes, on machines that do other things too.
vi.setConfig({ testTimeout: 240_000 })

const key = 'ab'.repeat(32)

test('a device key is made once, and is the same as text and as JSON', async () => {
  const store = join(temporaryFolder(), 'edge.db')
  const made = await skerry(['credential', 'key', store])
  expect(made).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^[0-9a-f]{64}\n$/) })
  expect((await skerry(['credential', 'key', store])).out).toBe(made.out)
  const { out } = await skerry(['credential', 'key', store, '--json'])
  expect(JSON.parse(out)).toEqual({ key: made.out.trim() })
})

test('the key of a node is read while the node runs', async () => {
  const hub = await startHub()
  const beside = await skerry(['credential', 'key', hub.store])
  expect(beside).toMatchObject({ code: 0, err: '' })
  expect((await hub.stop()).code).toBe(0)
  expect(await skerry(['credential', 'key', hub.store])).toEqual(beside)
})

test('a key for a store in a folder that is not there is exit code 5, and says what to do', async () => {
  const store = join(temporaryFolder(), 'missing', 'edge.db')
  const { code, out, err } = await skerry(['credential', 'key', store])
  expect({ code, out }).toEqual({ code: 5, out: '' })
  expect(err).toContain('does not exist; create it')
})

test('a credential is issued by the store of a hub, and shown', async () => {
  const hub = await startHub()
  const grant = [
    '--subject',
    'tech:ana',
    '--key',
    key,
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
    key,
    read: ['region:north', 'region:south'],
    expired: false,
  })
  const { publicKey } = (await (await fetch(`${hub.url}/api/v1/authority`)).json()) as { publicKey: string }
  expect((await skerry(['credential', 'show', issued.out.trim(), '--authority-key', publicKey])).code).toBe(0)
  const foreign = await skerry(['credential', 'show', issued.out.trim(), '--authority-key', 'cd'.repeat(32)])
  expect(foreign.code).toBe(4)
})

test('a credential for another space than that of the hub is not issued by its store', async () => {
  const hub = await startHub()
  const grant = ['--subject', 'tech:ana', '--key', key, '--write', 'region:north', '--store', hub.store]
  const other = await skerry(['credential', 'issue', ...grant, '--space', 'other'])
  expect(other).toMatchObject({ code: 2, out: '' })
  expect(other.err).toContain("a hub of 'acme', which would refuse the credential; use --space acme")
  expect((await skerry(['credential', 'issue', ...grant, '--space', 'acme'])).code).toBe(0)
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

test('fault T4: times are UTC in every zone, also in an hour that summer time leaves out', async () => {
  // 02:30 on that day does not exist in New York.
  const expiresAt = Date.UTC(2026, 2, 8, 7, 30)
  const token = await issueCredential(await createAuthority(), {
    space: 'acme',
    subject: 'tech:ana',
    publicKey: new Uint8Array(32),
    role: 'device',
    read: [],
    write: [],
    systems: [],
    issuedAt: Date.UTC(2026, 2, 8, 6, 30),
    expiresAt,
  })
  const shown = (TZ: string) => skerry(['credential', 'show', '-', '--json'], { input: token, env: { TZ } })
  const [newYork, auckland] = await Promise.all(['America/New_York', 'Pacific/Auckland'].map(shown))
  expect(JSON.parse(newYork!.out)).toMatchObject({ expires: new Date(expiresAt).toISOString() })
  expect(newYork!.out).toBe(auckland!.out)
})

test('a hub issues and revokes for whoever has its admin token', async () => {
  const hub = await startHub()
  const token = ['--admin-token-file', `${hub.store}.admin-token`]
  const args = ['credential', 'issue', '--subject', 'tech:ana', '--key', key, '--hub', hub.url]
  expect((await skerry(args)).code).toBe(4)
  const wrong = await skerry(args, { env: { SKERRY_ADMIN_TOKEN: 'wrong' } })
  expect(wrong).toMatchObject({ code: 4, err: expect.stringContaining('taken from SKERRY_ADMIN_TOKEN') })
  const issued = await skerry([...args, ...token, '--json'])
  expect(issued).toMatchObject({ code: 0, err: '' })
  const { hash } = JSON.parse(issued.out) as { hash: string }
  const revoked = await skerry(['credential', 'revoke', hash, '--hub', hub.url, '--store', hub.store])
  expect(revoked).toMatchObject({ code: 0, out: `revoked credential ${hash}\n` })
  const device = await skerry(['credential', 'revoke', key, '--device', '--hub', hub.url, '--json', ...token])
  expect(JSON.parse(device.out)).toEqual({ revoked: 'device', value: key })
  const tables = JSON.parse((await skerry(['inspect', hub.store, 'sizes', '--json'])).out) as {
    tables: Record<string, number>
  }
  expect(tables.tables['x:revoked']).toBe(2)
  await hub.stop()
  const gone = await skerry([...args, ...token])
  expect(gone.code).toBe(6)
  expect(gone.err).toContain('cannot be reached')
  expect(gone.err).toContain('check that it runs, and that --hub is its address')
})
