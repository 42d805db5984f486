/** What a hub finds at its start, and what it then says. */
import { chmodSync, readdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { runHub } from './hub.test-support.ts'
import { temporaryFolder } from './temporary-folder.test-support.ts'

const warningsOf = (logged: readonly string[]) =>
  logged
    .map((line) => JSON.parse(line) as { level: string; msg: string; file?: string })
    .filter(({ level }) => level === 'warn')

test.skipIf(process.platform === 'win32')(
  'a store that others can read is opened, with a warning that has the command to run',
  async () => {
    const first = await runHub()
    await first.close()
    chmodSync(first.store, 0o644)
    const again = await runHub({ store: first.store })
    expect(warningsOf(again.logged)).toEqual([
      expect.objectContaining({
        file: first.store,
        msg: expect.stringContaining(`run: chmod 600 ${first.store}.`),
      }),
    ])
  },
)

test('a hub whose store is lost starts empty, ready, and with a warning of what to do; the first start of a space has none', async () => {
  const first = await runHub()
  expect(warningsOf(first.logged).map(({ msg }) => msg)).not.toContainEqual(expect.stringContaining('lost'))
  await first.replica.collection('notes').create({ text: 'x' }, { id: 'n' })
  await first.close()
  for (const suffix of ['', '.run']) rmSync(first.store + suffix)
  const again = await runHub({ store: first.store })
  expect(warningsOf(again.logged)).toEqual([
    expect.objectContaining({
      file: first.store,
      msg: expect.stringMatching(
        /the store was lost.*`skerry restore <backup> .*hub\.db --replace`.*brings back/,
      ),
    }),
  ])
  expect((await fetch(`${again.url}/readyz`)).status).toBe(200)
  expect(await again.replica.collection('notes').get('n')).toBeUndefined()
  expect(again.authority).toEqual(first.authority)
})

test('a port that is taken is noticed before a store, an authority and a token are made', async () => {
  const first = await runHub()
  const store = `${temporaryFolder()}/hub.db`
  const port = Number(new URL(first.url).port)
  await expect(runHub({ store, port })).rejects.toMatchObject({
    code: 'cannot-listen',
    message: expect.stringContaining('choose another port'),
  })
  expect(readdirSync(dirname(store))).toEqual([])
})

test.each([
  ['999.1.1.1', 'want an address of this machine'],
  ['203.0.113.7', 'no interface of this machine has that address'],
])(
  'an address to listen on that is none of this machine (%s) is refused with advice',
  async (host, advice) => {
    await expect(runHub({ host })).rejects.toMatchObject({
      code: 'cannot-listen',
      message: expect.stringContaining(advice),
    })
  },
)

test('a store in a folder that is not there is an error of the store', async () => {
  const store = `${temporaryFolder()}/nowhere/hub.db`
  await expect(runHub({ store })).rejects.toMatchObject({
    name: 'StoreError',
    code: 'io',
    message: expect.stringMatching(/nowhere does not exist; create it$/),
  })
})
