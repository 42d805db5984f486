/** `skerry backup` and `skerry restore` as processes, beside a hub that runs and where it ran. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { skerry, startCommand, startHub, temporaryFolder } from './skerry.ts'

// Each test starts several processes, on machines that do other things too.
vi.setConfig({ testTimeout: 60_000 })

test('a running hub is backed up, its store is not replaced under it, and it goes on from the backup', async () => {
  const hub = await startHub()
  const file = join(temporaryFolder(), 'backup.db')
  const made = await skerry(['backup', hub.store, file, '--json'])
  expect([made.code, JSON.parse(made.out)]).toEqual([
    0,
    expect.objectContaining({ from: hub.store, to: file, bytes: statSync(file).size }),
  ])
  expect(made.err).toContain(`${hub.store}.authority.json`)
  const again = await skerry(['backup', hub.store, file])
  expect([again.code, again.out]).toEqual([5, ''])
  expect(again.err).toContain('there already')
  const running = await skerry(['restore', file, hub.store, '--replace'])
  expect(running.code).toBe(5)
  expect(running.err).toMatch(/process \d+ .*stop that process/)
  await hub.stop()

  const there = await skerry(['restore', file, hub.store])
  expect(there.code).toBe(5)
  expect(there.err).toContain('hub.db.replaced')
  const restored = await skerry(['restore', file, hub.store, '--replace', '--json'])
  expect(restored.code).toBe(0)
  const { log } = JSON.parse(made.out) as { log: string }
  expect(JSON.parse(restored.out)).toMatchObject({ log, replaced: `${hub.store}.replaced` })
  expect(existsSync(`${hub.store}.replaced`)).toBe(true)
  const after = await startCommand(['hub', '--store', hub.store], 'hub ready', {})
  expect((await after.stop()).code).toBe(0)
  const seen = await skerry(['inspect', hub.store, '--json'])
  expect((JSON.parse(seen.out) as { runs: unknown[] }).runs).toHaveLength(2)
})

test('a drill: restored as a copy it is another log, and says in words what it has', async () => {
  const hub = await startHub()
  const folder = temporaryFolder()
  const file = join(folder, 'backup.db')
  const made = await skerry(['backup', hub.store, file])
  expect(made.out).toMatch(/backup\.db: \d+ records in \d+ entries up to \d+, \d+ bytes, verified\n$/)
  const copy = await skerry(['restore', file, join(folder, 'drill.db'), '--as-copy'])
  expect(copy.out).toMatch(/drill\.db: \d+ records in \d+ entries up to \d+, verified\n$/)
  const verified = await skerry(['inspect', join(folder, 'drill.db'), 'verify'])
  expect(verified.code).toBe(0)
  const none = await skerry(['restore', join(folder, 'nowhere.db'), join(folder, 'x.db')])
  expect(none.code).toBe(5)
  expect(none.err).toContain('no such file')
  expect((await skerry(['backup', '--help'])).out).toContain('Examples:')
  expect((await skerry(['restore', file])).code).toBe(2)
  await hub.stop()
})
