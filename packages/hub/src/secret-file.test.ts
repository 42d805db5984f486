import { chmodSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAuthority } from '@skerry/credentials'
import { expect, test } from 'vitest'
import { SECRET_BYTES_MAX } from './limits.ts'
import { readSecret, secretAt, writeSecret } from './secret-file.ts'
import { adminTokenPath, authorityPath, loadAdminToken, loadAuthority } from './secrets.ts'
import { temporaryFolder } from './temporary-folder.test-support.ts'

test('a secret is written for its owner alone, whole, and leaves nothing beside it', async () => {
  const folder = temporaryFolder()
  await writeSecret(join(folder, 'secret'), 'content')
  expect(statSync(join(folder, 'secret')).mode & 0o777).toBe(0o600)
  expect(await readSecret(join(folder, 'secret'))).toBe('content')
  expect(readdirSync(folder)).toEqual(['secret'])
})

test('a secret is never overwritten', async () => {
  const path = join(temporaryFolder(), 'secret')
  await writeSecret(path, 'first')
  await expect(writeSecret(path, 'second')).rejects.toMatchObject({ code: 'EEXIST' })
  expect(await readSecret(path)).toBe('first')
})

test('of two that make a secret at once, one makes it and both have it', async () => {
  const path = join(temporaryFolder(), 'secret')
  const [a, b] = await Promise.all([secretAt(path, async () => 'a'), secretAt(path, async () => 'b')])
  expect(a.content).toBe(b.content)
  expect([a.made, b.made].filter(Boolean)).toHaveLength(1)
})

test('a secret that is not there is undefined', async () => {
  expect(await readSecret(join(temporaryFolder(), 'secret'))).toBeUndefined()
})

test.each([0o640, 0o604, 0o660, 0o620])('a secret with mode %o is refused, with what to do', async (mode) => {
  const path = join(temporaryFolder(), 'secret')
  await writeSecret(path, 'content')
  chmodSync(path, mode)
  await expect(readSecret(path)).rejects.toMatchObject({ code: 'secret-exposed' })
  await expect(readSecret(path)).rejects.toThrow(`chmod 600 ${path}`)
  chmodSync(path, 0o400)
  expect(await readSecret(path)).toBe('content')
})

test('a secret file has a ceiling', async () => {
  const path = join(temporaryFolder(), 'secret')
  const size = (bytes: number) => writeFileSync(path, 'x'.repeat(bytes), { mode: 0o600 })
  size(SECRET_BYTES_MAX)
  expect(await readSecret(path)).toHaveLength(SECRET_BYTES_MAX)
  size(SECRET_BYTES_MAX + 1)
  await expect(readSecret(path)).rejects.toMatchObject({ code: 'secret-unusable' })
})

test('a folder that is not there is said so', async () => {
  const path = join(temporaryFolder(), 'missing', 'secret')
  await expect(secretAt(path, async () => 'x')).rejects.toThrow('its directory does not exist; create it')
})

test('the authority is made once and is the same afterwards', async () => {
  const path = authorityPath(join(temporaryFolder(), 'hub.db'))
  const first = await loadAuthority(path)
  const second = await loadAuthority(path)
  expect(first.made).toBe(true)
  expect(second.made).toBe(false)
  expect(second.authority).toEqual(first.authority)
})

test('an authority that is damaged is refused, never replaced', async () => {
  const path = join(temporaryFolder(), 'authority.json')
  const { privateJwk } = await createAuthority()
  for (const content of ['', '{', JSON.stringify({ ...privateJwk, d: 'AA' })]) {
    writeFileSync(path, content, { mode: 0o600 })
    await expect(loadAuthority(path)).rejects.toMatchObject({ code: 'secret-unusable' })
  }
})

test('fault A11: the admin token is made once, with 256 bits, and compared', async () => {
  const path = adminTokenPath(join(temporaryFolder(), 'hub.db'))
  const made = await loadAdminToken(path, undefined)
  const token = (await readSecret(path))!.trim()
  expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  expect(made).toMatchObject({ from: path, made: true })
  const again = await loadAdminToken(path, '')
  expect(again.is(token)).toBe(true)
  expect(again.is(`${token}x`)).toBe(false)
  expect(again.is('')).toBe(false)
})

test('fault A11: the admin token of the environment wins, makes no file, and must not be short', async () => {
  const path = join(temporaryFolder(), 'token')
  const token = await loadAdminToken(path, 'a'.repeat(22))
  expect(token.is('a'.repeat(22))).toBe(true)
  expect(token.from).toBe('SKERRY_ADMIN_TOKEN')
  expect(existsSync(path)).toBe(false)
  await expect(loadAdminToken(path, 'a'.repeat(21))).rejects.toThrow('21 characters, at least 22')
})
