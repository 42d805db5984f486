/** The story with the workspace's own packages, without a registry: what the app asks for is linked into it. */
import { spawnSync } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { whereThereIsChromium } from '@skerry/browser-test'
import { createAuthority } from '@skerry/credentials'
import { expect, test } from 'vitest'
import { EmptyFolder } from './empty-folder.test-support.ts'
import { playRefusal, playStory } from './story.test-support.ts'

/** Milliseconds: two builds and two starts on a loaded machine. */
const STORY_MS_MAX = 240_000

function newApp(folder: EmptyFolder): string {
  expect(folder.create('my-app', '--no-install').said).toBe('')
  const app = join(folder.path, 'my-app')
  symlinkSync(join(import.meta.dirname, '../node_modules'), join(app, 'node_modules'))
  return app
}

function start(app: string, PORT: string) {
  const env = { ...process.env, PORT, NODE_ENV: '' }
  const { status, stderr } = spawnSync(process.execPath, ['start.ts'], { cwd: app, env, encoding: 'utf8' })
  return { status, lines: stderr.trimEnd().split('\n') }
}

test('what keeps the hub from starting is told in one line, without a stack', async () => {
  using folder = new EmptyFolder()
  const app = newApp(folder)
  const wrongPort = expect.stringMatching(/^skerry\.config\.ts: hub\.port: /)
  expect(start(app, 'abc')).toEqual({ status: 1, lines: [wrongPort] })
  const { privateJwk } = await createAuthority()
  writeFileSync(join(app, 'hub.db.authority.json'), JSON.stringify(privateJwk), { mode: 0o600 })
  writeFileSync(join(app, 'hub.db'), 'no database, though it is long enough for one'.repeat(1_000))
  expect(start(app, '0')).toEqual({ status: 1, lines: [expect.stringMatching(/hub\.db/)] })
})

test('a schema that cannot merge is told in one line: the field, what may stand there, and the place in the app', () => {
  using folder = new EmptyFolder()
  const app = newApp(folder)
  const file = join(app, 'src/collections.ts')
  const before = readFileSync(file, 'utf8')
  const wrong = before.replace('z.boolean()', 'z.date()')
  expect(wrong).not.toBe(before)
  writeFileSync(file, wrong)
  const line = wrong.slice(0, wrong.indexOf("collection('visits'")).split('\n').length
  const { status, lines } = start(app, '0')
  expect({ status, lines }).toEqual({
    status: 1,
    lines: [expect.stringContaining("visits.done: a field of type 'date' cannot be kept in a record; use ")],
  })
  expect(lines[0]).toMatch(/^skerry\.config\.ts: /)
  expect(lines[0]).toContain(`/my-app/src/collections.ts:${line})`)
})

await whereThereIsChromium(() => {
  test(
    'a new app is started, written in two windows, and goes on without its hub',
    async () => {
      using folder = new EmptyFolder()
      await playStory(newApp(folder))
    },
    STORY_MS_MAX,
  )

  test(
    'what the hub does not take is told with its reason, and waits until it is dropped',
    async () => {
      using folder = new EmptyFolder()
      const app = newApp(folder)
      const file = join(app, 'skerry.config.ts')
      const before = readFileSync(file, 'utf8')
      const hubs = "collections: { visits: { ...collections.visits, channels: () => ['elsewhere'] } },"
      const wrong = before.replace('collections,', hubs)
      expect(wrong).not.toBe(before)
      writeFileSync(file, wrong)
      await playRefusal(app)
    },
    STORY_MS_MAX,
  )
})
