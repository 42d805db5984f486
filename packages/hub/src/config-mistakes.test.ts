/** What a config may say wrong: all of it is told by one error, before anything is made. */
import { readdirSync } from 'node:fs'
import { collection } from '@skerry/core'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { collections, runHub } from './hub.test-support.ts'
import { HubError } from './hub-error.ts'
import { type Hub, startHub } from './start-hub.ts'
import { temporaryFolder } from './temporary-folder.test-support.ts'

const good = { space: 'acme', collections }
const check = () => undefined
const opens = () => ({ collection: 'jobs', value: {} })
const hot = { name: 'hot', streams: 'gw-*/x', above: 20, clear: 18, forReadings: 3, opens }
const notes = (name: string) => collection(name, z.object({ text: z.string() }))

/** As a program without types calls it. */
const start = (config: unknown, options: object = {}): Promise<Hub> =>
  (startHub as (config: unknown, options: object) => Promise<Hub>)(config, { port: 0, ...options })

/** And how each line of the error begins. */
const mistakes: [string, unknown, string[]][] = [
  ['no config', undefined, ['config: ']],
  ['a config that is none', 'acme', ['config: ']],
  ['no collections', { space: 'acme' }, ['collections: ']],
  [
    'a collection that is none',
    { ...good, collections: { jobs: {} } },
    ['collections.jobs: want a collection'],
  ],
  [
    'no collection at all under a key',
    { ...good, collections: { jobs: undefined } },
    ['collections.jobs: want a'],
  ],
  [
    'a schema in the place of its collection',
    { ...good, collections: { jobs: z.object({}) } },
    ['collections.jobs: want a collection'],
  ],
  [
    'collections under names of the replica',
    { ...good, collections: { close: notes('close'), session: notes('session') } },
    [
      "collections.close: every replica has 'close' itself",
      "collections.session: every replica has 'session'",
    ],
  ],
  [
    'two collections of one name',
    { ...good, collections: { one: notes('notes'), two: notes('notes') } },
    ["collections.two: there is a collection 'notes' already"],
  ],
  ['a space without a name', { ...good, space: '' }, ['space: ']],
  ['a space of 201 letters', { ...good, space: 's'.repeat(201) }, ['space: ']],
  [
    'rules that are none',
    { ...good, rules: [null, { name: 'r', check }] },
    ['rules.0: want a rule', 'rules.1: want'],
  ],
  [
    'a rule for no collection',
    { ...good, rules: [{ name: 'r', collection: 'job', check }] },
    ["rule 'r': there is no collection 'job'; did you mean 'jobs'?"],
  ],
  [
    'a threshold that is none',
    { ...good, streams: { thresholds: [{ opens }] } },
    ['streams.thresholds.0: want a'],
  ],
  [
    'a threshold that cannot be evaluated',
    { ...good, streams: { thresholds: [{ ...hot, clear: 21 }] } },
    ['streams.thresholds.0: Threshold rule "hot" clears at 21'],
  ],
  [
    'a threshold of text',
    { ...good, streams: { thresholds: [{ ...hot, above: '20' }] } },
    ['streams.thresholds.0: want a threshold'],
  ],
  [
    'two thresholds of one name',
    { ...good, streams: { thresholds: [hot, { ...hot, streams: 'y' }] } },
    ["streams.thresholds.1: there is a threshold 'hot' already"],
  ],
  [
    'channels of streams that are no function',
    { ...good, streams: { channels: ['x'] } },
    ['streams.channels: want a'],
  ],
  ['a misspelt key', { ...good, colections: {} }, ["unknown key 'colections'; did you mean 'collections'?"]],
  ['a misspelt setting', { ...good, hub: { prot: 0 } }, ["unknown key 'hub.prot'; did you mean 'port'?"]],
  [
    'a misspelt setting within one',
    { ...good, hub: { blobs: { unfinished: { perDevise: 1 } } } },
    ["unknown key 'hub.blobs.unfinished.perDevise'; did you mean 'perDevice'?"],
  ],
  ['settings that are none', { ...good, hub: 'http://127.0.0.1' }, ['hub: ']],
  ['a host that is no text', { ...good, hub: { host: 1 } }, ['hub.host: ']],
  ['a folder of an app that is no text', { ...good, hub: { app: 1 } }, ['hub.app: ']],
  ['a level that is none', { ...good, hub: { logLevel: 'loud' } }, ['hub.logLevel: ']],
  [
    'a rate of nothing',
    { ...good, hub: { admissions: { perSecond: 0, burst: 1 } } },
    ['hub.admissions.perSecond: '],
  ],
  ['several of them', { space: '', collections: [] }, ['space: ', 'collections: ']],
]

test.each(mistakes)(
  '%s: a HubError with a line for each mistake, and nothing is made',
  async (_, config, lines) => {
    const folder = temporaryFolder()
    const error = await start(config, { store: `${folder}/hub.db` }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(HubError)
    const { code, message } = error as HubError
    expect(code).toBe('config')
    expect(message.split('\n')).toEqual(lines.map((line) => expect.stringContaining(line)))
    expect(readdirSync(folder)).toEqual([])
  },
)

test.each([
  ['a port that is no number', { port: Number.NaN }, 'hub.port: '],
  ['a port beyond the last', { port: 65_536 }, 'hub.port: '],
  ['a store without a name', { store: '' }, 'hub.store: '],
  ['a misspelt option', { stroe: 'hub.db' }, "unknown key 'hub.stroe'; did you mean 'store'?"],
])('options are held to the same: %s', async (_, options, words) => {
  const store = `${temporaryFolder()}/hub.db`
  await expect(start(good, { store, ...options })).rejects.toMatchObject({
    code: 'config',
    message: expect.stringContaining(words),
  })
})

test('an option that is undefined says nothing', async () => {
  const hub = await runHub({ host: undefined } as object)
  expect(hub.url).toMatch(/^http:\/\/127\.0\.0\.1:/)
})

test('what bridges are told is not the matter of a hub that is started with the same config', async () => {
  const hub = await start(
    { ...good, bridges: [{}] },
    { store: `${temporaryFolder()}/hub.db`, logLevel: 'silent' },
  )
  await hub.close()
})
