/** `skerry bridge check` and `plan`: what they print, how they end, and that they change nothing. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeHost, openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { expect, test, vi } from 'vitest'
import { runHere } from './in-process.ts'
import config, { crm } from './plan-config/skerry.config.ts'
import { startCommand, temporaryFolder } from './skerry.ts'

// Machines do other things too.
vi.setConfig({ testTimeout: 120_000 })

const folder = fileURLToPath(new URL('./plan-config', import.meta.url))

async function storeWith(titles: readonly string[]): Promise<string> {
  const path = join(temporaryFolder(), 'bridge.db')
  const { collections, space } = config
  const replica = await openReplica({ host: nodeHost(), store: sqliteStore({ path }), collections, space })
  await replica.transact(async (tx) => {
    for (const title of titles) await tx.assign(`jobs/${title}`, { title })
  })
  await replica.close()
  return path
}

/** Names and digests of every file beside the store. */
function bytesBeside(store: string): string[] {
  const here = dirname(store)
  return readdirSync(here).map(
    (name) =>
      `${name} ${createHash('sha256')
        .update(readFileSync(join(here, name)))
        .digest('hex')}`,
  )
}

test('B-180: a plan shows counts, lines and costs; no write reaches the system, and the store keeps every byte', async () => {
  const store = await storeWith(['gate', 'crane', 'davit'])
  const before = bytesBeside(store)
  const { code, out, err } = await runHere(
    ['bridge', 'plan', 'crm', '--store', store, '--lines', '2'],
    folder,
  )
  expect([code, err]).toEqual([0, ''])
  expect(out).toContain('crm: what a run would do')
  expect(out).toMatch(/jobs ↔ Job +3 +0 +0 +1 +0 +0 +0 +0 +0 +0/)
  expect(out).toMatch(/create row of jobs\/\w+ {2}Title: null → "\w+"/)
  expect(out).toContain('… and 2 more; --lines shows them')
  expect(out).toMatch(/costs \d+ calls \(3 write, \d read, \d list\), \d of them made for this plan/)
  expect(out).toMatch(/write: needs 3, has 2 of 2: it takes more than one period/)
  expect(bytesBeside(store)).toEqual(before)
  const again = await runHere(['bridge', 'plan', 'crm', '--store', store, '--json'], folder)
  expect(JSON.parse(again.out)).toMatchObject([
    { system: 'crm', mappings: [{ there: { create: 3 }, here: { create: 1 } }] },
  ])
  expect(crm.ledger.map(({ method }) => method).filter((method) => method !== 'changes')).toEqual([])
  expect(crm.ledger.length).toBeGreaterThan(0)
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  'B-180: whoever ends a plan by %s leaves no copy of the store behind',
  async (signal) => {
    const store = await storeWith(['gate'])
    const temporary = temporaryFolder()
    const plan = await startCommand(['bridge', 'plan', 'mute', '--store', store], 'asked', {
      folder,
      env: { TMPDIR: temporary },
    })
    expect(readdirSync(temporary)).toEqual([expect.stringMatching(/^skerry-plan-/)])
    expect((await plan.stop(signal)).code).toBe(1)
    expect(readdirSync(temporary)).toEqual([])
  },
)

test('B-170 B-175: a check says nothing against what fits, and proposes what is not mapped', async () => {
  const { code, out } = await runHere(['bridge', 'check', 'crm'], folder)
  expect([code, out]).toEqual([
    0,
    `crm: nothing to say against it\n\n# crm: could be mapped\n# mapping jobs ↔ Job: add to its fields\n      status: Status # 1.00\n`,
  ])
})

test.each([
  [['check', 'old'], 3, '2 things that cannot work'],
  [['check', 'down'], 6, 'the line is dead'],
  [['check', 'crn'], 2, "did you mean 'crm'?"],
  [['plan', 'crm', '--store', 'none.db'], 5, 'there is no such store'],
  [['plan', 'crn'], 2, "did you mean 'crm'?"],
] as const)('B-184: bridge %j ends with %d', async (args, expected, words) => {
  const { code, err } = await runHere(['bridge', ...args], folder)
  expect([code, err]).toEqual([expected, expect.stringContaining(words)])
})

test('B-174: errors are told beside the code, and as JSON', async () => {
  const plain = await runHere(['bridge', 'check', 'old'], folder)
  expect(plain.out).toContain(
    "error mapping jobs ↔ Job, title ↔ Titel: Job has no field 'Titel'; did you mean 'Title'?",
  )
  const json = await runHere(['bridge', 'check', 'old', '--json'], folder)
  expect(JSON.parse(json.out)).toMatchObject([
    { system: 'old', findings: [{ code: 'unknown-field' }, { code: 'unfilled' }] },
  ])
})

test('the node itself still wants to know its hub', async () => {
  expect(await runHere(['bridge', 'crm'], folder)).toMatchObject({
    code: 2,
    err: expect.stringContaining('--hub'),
  })
})
