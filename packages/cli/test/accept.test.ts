/** `--accept`: a store that was copied or restored by hand is refused with words an operator can follow, and goes on when they are. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspectSqlite } from '@skerry/store-sqlite'
import { expect, test, vi } from 'vitest'
import { runHere } from './in-process.ts'
import { skerry, startCommand, startHub, temporaryFolder } from './skerry.ts'

// Some start several processes, on machines that do other things too.
vi.setConfig({ testTimeout: 240_000 })

/** A device's store, and what `cp` makes of it. */
async function copiedStore() {
  const folder = temporaryFolder()
  const [original, copy] = [join(folder, 'a.db'), join(folder, 'b.db')]
  const { out: key } = await runHere(['credential', 'key', original])
  copyFileSync(original, copy)
  return { original, copy, key }
}

test('a bridge refuses a copied store with the options that take it, and takes it then', async () => {
  const { original, copy } = await copiedStore()
  const folder = fileURLToPath(new URL('./bridge-config', import.meta.url))
  const bridge = (...more: string[]) =>
    runHere(['bridge', '--hub', 'ws://127.0.0.1:1/sync', '--store', copy, ...more], folder)
  const refused = await bridge()
  expect(refused.code).toBe(5)
  expect(refused.err).toMatch(/--accept moved .*accept: 'moved'.*--accept copy .*`skerry restore`/)
  // It opens, and has now come as far as its credential.
  expect(await bridge('--accept', 'copy')).toMatchObject({
    code: 4,
    err: expect.stringMatching(/has no credential.*--systems crm --store hub\.db > bridge\.token/s),
  })
  expect(inspectSqlite(copy).log).not.toBe(inspectSqlite(original).log)
})

test('credential key: a copy that is accepted as one gets a key of its own', async () => {
  const { copy, key } = await copiedStore()
  const own = await runHere(['credential', 'key', copy, '--accept', 'copy'])
  expect(own).toMatchObject({ code: 0, out: expect.stringMatching(/^[0-9a-f]{64}\n$/) })
  expect(own.out).not.toBe(key)
  expect((await runHere(['credential', 'key', copy])).out).toBe(own.out)
})

test('a hub on an older copy of its store says what to do, and does it', async () => {
  const hub = await startHub()
  await hub.stop()
  copyFileSync(hub.store, `${hub.store}.old`)
  const later = await startCommand(['hub', '--store', hub.store], 'hub ready', {})
  await later.stop()
  copyFileSync(`${hub.store}.old`, hub.store)
  const refused = await skerry(['hub', '--store', hub.store])
  expect(refused.code).toBe(5)
  expect(refused.err).toMatch(/restored backup.*--accept restored .*accept: 'restored'.*`skerry restore`/)
  const accepted = ['hub', '--store', hub.store, '--accept', 'restored']
  expect((await (await startCommand(accepted, 'hub ready', {})).stop()).code).toBe(0)
})

test('help tells the option, and what else is said to it is a usage error', async () => {
  for (const command of [['hub'], ['bridge'], ['credential', 'key']]) {
    const { out } = await runHere([...command, '--help'])
    expect(out).toMatch(/--accept <what>.*refused with exit code 5.*Examples:.*--accept/s)
  }
  const wrong = await runHere(['hub', '--accept', 'anything'])
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('moved, copy, restored') })
})
