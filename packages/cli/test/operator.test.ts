/** The operator's commands, against a real bridge in this process and its real socket; and once against a node that is a process (SPEC O-1 to O-9). */
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { memoryStore } from '@skerry/core'
import { expect, test, vi } from 'vitest'
import { adapterNode, folder as bridgeFolder } from './adapter-node.ts'
import config from './bridge-config/skerry.config.ts'
import { runHere } from './in-process.ts'
import { joinHub } from './join-hub.ts'
import { node, type TestNode } from './operated-node.ts'
import { block, runShell } from './readme.ts'
import { skerry, startCommand, startHub } from './skerry.ts'

// The last test starts several processes, on machines that do other things too.
vi.setConfig({ testTimeout: 120_000 })

/** A site that is refused, and a job that waits for it. */
async function withDead(over: Partial<{ jobs: number }> = {}): Promise<TestNode> {
  const one = await node()
  await one.replica.collection('sites').create({ name: 'bad' }, { id: 'north' })
  await one.replica.collection('jobs').create({ title: 'a', site: 'north' }, { id: 'child' })
  for (let i = 0; i < (over.jobs ?? 0); i += 1)
    await one.replica.collection('jobs').create({ title: 'bad' }, { id: `j${i}` })
  await one.bridge().idle()
  return one
}

/** A job whose title was changed on both sides. */
async function underReview(): Promise<TestNode & { version: string }> {
  const one = await node()
  await one.replica.collection('jobs').create({ title: 'before' }, { id: 'j1' })
  await one.bridge().idle()
  await one.away()
  await one.replica.collection('jobs').update('j1', (draft) => {
    draft.title = 'ours'
  })
  one.system.edit('cases', { id: one.system.rows('cases')[0]!.id }, { Title: 'theirs' })
  await one.again()
  const [{ version } = { version: '' }] = await one.bridge().reviews()
  return { ...one, version }
}

/** A job whose title in the system cannot be one, and a row that never became a job. */
async function withUnread(): Promise<TestNode & { rows: { linked: string; alone: string } }> {
  const one = await node()
  await one.replica.collection('jobs').create({ title: 'a' }, { id: 'j1' })
  await one.bridge().idle()
  const linked = one.system.rows('cases')[0]!.id
  one.system.edit('cases', { id: linked }, { Title: 7 })
  const alone = one.system.edit('cases', {}, { Title: 8 }).id
  await one.bridge().pollNow()
  await one.bridge().idle()
  return { ...one, rows: { linked: `cases/${linked}`, alone: `cases/${alone}` } }
}

const titles = async ({ replica, system }: TestNode) => [
  (await replica.collection('jobs').get('j1'))?.['title'],
  system.rows('cases')[0]!.value.Title,
]

test('O-5: dead letters and what waits for them are listed with the reasons, and no control character reaches the terminal', async () => {
  const { run, json } = await withDead()
  const { code, out, err } = await run('dead', 'list')
  expect({ code, err }).toEqual({
    code: 0,
    err: expect.stringMatching(/^erp: not running here just now.*\n$/),
  })
  expect(out).toMatch(/^crm +sites\/north +dead +\d{4}-.*Z +Name +not in our \ufffd\[31mregister$/m)
  expect(out).toMatch(/^crm +jobs\/child +parked +sites\/north +it waits for sites\/north/m)
  expect(await json('dead', 'list', '--system', 'crm')).toMatchObject([
    {
      system: 'crm',
      running: true,
      dead: [{ record: 'sites/north' }],
      parked: [{ record: 'jobs/child' }],
      more: 0,
    },
  ])
})

test('O-5: at most --limit are listed, dead letters first, and it says how many more there are', async () => {
  const { run, json } = await withDead({ jobs: 2 })
  const { out, err } = await run('dead', 'list', '--limit', '2')
  expect(out.trim().split('\n')).toHaveLength(3)
  expect(err).toContain('crm: 2 more; --limit shows them')
  expect(await json('dead', 'list', '--limit', '4')).toMatchObject([{ more: 0, parked: [{}] }, {}])
  expect(await json('dead', 'list', '--limit', '3')).toMatchObject([{ more: 1, parked: [] }, {}])
})

test('O-5 B-198: rows that could not be taken in are listed beside dead letters, with record, since when and why', async () => {
  const { run, json, rows } = await withUnread()
  const { code, out } = await run('dead', 'list')
  expect(code).toBe(0)
  const why = 'does not fit jobs: /title Invalid input: expected string'
  expect(out).toMatch(
    new RegExp(`^crm +${rows.linked} +unread +20[^ ]+Z +jobs/j1 +cases .* ${why}, received number$`, 'm'),
  )
  expect(out).toMatch(new RegExp(`^crm +${rows.alone} +unread +20[^ ]+Z +cases .* ${why}`, 'm'))
  expect(await json('dead', 'list', '--system', 'crm')).toMatchObject([
    { dead: [], parked: [], unread: [{ type: 'cases', record: 'jobs/j1' }, { type: 'cases' }], more: 0 },
  ])
  expect(await json('dead', 'list', '--limit', '1')).toMatchObject([
    { unread: [{}], more: 1 },
    { unread: [] },
  ])
})

test('O-6 B-198: rows are read again, by their own name, by their record, or all that fit', async () => {
  const { run, json, bridge, rows } = await withUnread()
  const looks = async (name: string) => {
    await bridge().idle()
    const [type = '', row = ''] = name.split('/')
    return (await bridge().audit.why({ type, row })).steps.length
  }
  const before = await looks(rows.alone)
  const read = { system: 'crm', type: 'cases', kind: 'read again' }
  expect(await json('dead', 'retry', rows.alone, '--dry-run')).toMatchObject([read])
  expect(await json('dead', 'retry', '--all', '--reason', 'another')).toEqual([])
  expect(await looks(rows.alone)).toBe(before)
  expect(await json('dead', 'retry', 'jobs/j1')).toMatchObject([{ ...read, record: 'jobs/j1' }])
  expect((await run('dead', 'retry', rows.alone)).out).toMatch(
    new RegExp(`^crm +${rows.alone} +cases +read again +cases .* does not fit jobs`, 'm'),
  )
  expect(await looks(rows.alone)).toBe(before + 1)
  expect(await json('dead', 'retry', '--all', '--type', 'cases')).toMatchObject([read, read])
})

test('O-6 EVT-2 EVT-4: a dry run says what would be sent and changes nothing; the real one sends it, and what waited goes on', async () => {
  const { run, json, bridge, system, mend } = await withDead()
  mend()
  const asked = system.ledger.length
  const planned = [{ system: 'crm', record: 'sites/north', type: 'accounts', kind: 'create' }]
  expect(await json('dead', 'retry', 'sites/north', '--dry-run')).toMatchObject(planned)
  expect((await run('dead', 'retry', '--all', '--dry-run')).out).toContain('would send')
  await bridge().idle()
  expect(system.ledger).toHaveLength(asked)
  expect(bridge().stats()).toMatchObject({ dead: 1, parked: 1 })

  expect(await json('dead', 'retry', 'sites/north', 'sites/north')).toMatchObject(planned)
  await bridge().idle()
  expect(bridge().stats()).toMatchObject({ dead: 0, parked: 0 })
  expect(system.rows('cases').map(({ value }) => value.Title)).toEqual(['a'])
  expect((await run('dead', 'list', '--system', 'crm')).out).toBe(
    'no dead letters, no unread rows, and nothing waits for other records\n',
  )
  expect((await run('dead', 'retry', '--all')).out).toBe('no dead letter fits; nothing to try\n')
})

test('O-6: all are narrowed by reason and type', async () => {
  const { json } = await withDead({ jobs: 2 })
  const retried = async (...args: string[]) =>
    ((await json('dead', 'retry', '--all', '--dry-run', ...args)) as { record: string }[]).map(
      ({ record }) => record,
    )
  expect(await retried()).toEqual(['jobs/j0', 'jobs/j1', 'sites/north'])
  expect(await retried('--type', 'accounts')).toEqual(['sites/north'])
  expect(await retried('--reason', 'our')).toHaveLength(3)
  expect(await retried('--reason', 'another')).toEqual([])
})

test.each([
  ['a record that is unknown', ['sites/north', 'jobs/none'], 1, 'jobs/none: no dead letter of it in crm'],
  ['one that is parked', ['sites/north', 'jobs/child'], 1, 'it waits for sites/north'],
  ['no record', [], 2, 'name the records to try again, or say --all'],
  ['records and all', ['sites/north', '--all'], 2, 'one of the two'],
  ['records and a reason', ['sites/north', '--reason', 'x'], 2, 'choose among --all'],
  ['an unknown system', ['--all', '--system', 'crn'], 2, "did you mean 'crm'?"],
  [
    'a system that does not run here',
    ['--all', '--system', 'erp'],
    1,
    'erp: not running here just now; ask the node that has it',
  ],
])('O-6, O-9: trying %s again is an error, and nothing is tried', async (_, args, code, words) => {
  const { run, system, bridge } = await withDead()
  const asked = system.ledger.length
  expect(await run('dead', 'retry', ...args)).toMatchObject({
    code,
    out: '',
    err: expect.stringContaining(words),
  })
  await bridge().idle()
  expect(system.ledger).toHaveLength(asked)
})

test('O-7 CON-9 REC-4: a review shows both values, who and when, and the value in the system', async () => {
  const { run, json, version } = await underReview()
  const { code, out, err } = await run('review', 'list', '--record', 'jobs/j1')
  expect({ code, err }).toEqual({
    code: 0,
    err: expect.stringMatching(/^erp: not running here just now.*\n$/),
  })
  expect(out).toContain(`jobs/j1  title  ${version}\n  crm, since 20`)
  expect(out).toMatch(/: a person decides$/m)
  expect(out).toMatch(/^ {2}agreed +"before"$/m)
  expect(out).toMatch(/^ {2}ours +"ours" +20.*Z +[0-9a-f]+$/m)
  expect(out).toMatch(/^ {2}theirs +"theirs"/m)
  expect(await json('review', 'list', '--system', 'crm')).toMatchObject([
    { system: 'crm', running: true, reviews: [{ record: 'jobs/j1', version, systems: { crm: 'theirs' } }] },
  ])
  expect((await run('review', 'list', '--record', 'jobs/j2')).out).toBe('nothing is under review\n')
})

test.each([
  ['ours', ['ours'], 'ours'],
  ['theirs', ['theirs'], 'theirs'],
  ['another value', ['--value', '"both"', '--by', 'ana'], 'both'],
])('O-8: a review is decided for %s, on both sides', async (_, choice, title) => {
  const one = await underReview()
  const { code, out } = await one.run('review', 'resolve', 'jobs/j1', one.version, ...choice)
  expect({ code, out }).toMatchObject({
    code: 0,
    out: expect.stringContaining('decided jobs/j1 title of crm'),
  })
  await one.bridge().idle()
  expect(await titles(one)).toEqual([title, title])
  expect(one.bridge().stats().reviews).toBe(0)
  const again = await one.run('review', 'resolve', 'jobs/j1', one.version, 'ours')
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('nothing of it is under review') })
})

test('O-8: a decision about values that have changed since is refused, and says what is there now', async () => {
  const one = await underReview()
  one.system.edit('cases', { id: one.system.rows('cases')[0]!.id }, { Title: 'theirs 2' })
  await one.bridge().pollNow()
  await one.bridge().idle()
  const [now] = await one.bridge().reviews()
  expect(await one.run('review', 'resolve', 'jobs/j1', one.version, 'ours')).toMatchObject({
    code: 1,
    err: expect.stringContaining(`now there are: title ${now!.version}`),
  })
  expect(await titles(one)).toEqual(['ours', 'theirs 2'])
})

test.each([
  ['a side that is none', ['mine'], 'Allowed choices are ours, theirs'],
  ['no choice', [], 'one of the three'],
  ['a side and a value', ['ours', '--value', '1'], 'one of the three'],
  ['a value that is no JSON', ['--value', 'Portland'], 'want JSON'],
  ['a value that the schema refuses', ['--value', '7'], 'title cannot be that'],
  ['a name that is too long', ['ours', '--by', 'x'.repeat(201)], '201 characters; from 1 to 200'],
  ['an unknown system', ['ours', '--system', 'erq'], "did you mean 'erp'?"],
])('O-8: %s is a usage error, and nothing is decided', async (_, choice, words) => {
  const one = await underReview()
  expect(await one.run('review', 'resolve', 'jobs/j1', one.version, ...choice)).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining(words),
  })
  expect(await titles(one)).toEqual(['ours', 'theirs'])
})

test('O-9: nothing is decided in a bridge that another node has by now', async () => {
  const one = await underReview()
  await one.away()
  const refused = await one.run('review', 'resolve', 'jobs/j1', one.version, 'ours')
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('crm, erp: not running here') })
})

test('O-2, O-3: the operator file is for its owner alone, and without its token nothing is answered', async () => {
  const { store, run, operator } = await node()
  const file = `${store}.operator`
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const { url, token } = JSON.parse(readFileSync(file, 'utf8')) as { url: string; token: string }
  expect(new URL(url).hostname).toBe('127.0.0.1')
  const status = async (authorization?: string) =>
    (await fetch(`${url}/v1/dead`, { headers: authorization ? { authorization } : {} })).status
  expect(await status()).toBe(401)
  expect(await status(`Bearer ${token}x`)).toBe(401)
  expect(await status(`Basic ${token}`)).toBe(401)
  expect(await status(`Bearer ${token}`)).toBe(200)

  chmodSync(file, 0o644)
  expect(await run('dead', 'list')).toMatchObject({
    code: 4,
    err: expect.stringContaining('lets others read'),
  })
  chmodSync(file, 0o600)
  writeFileSync(file, JSON.stringify({ url, token: 'another' }))
  expect(await run('dead', 'list')).toMatchObject({
    code: 4,
    err: expect.stringContaining('another process has its address'),
  })
  writeFileSync(file, '{}')
  expect(await run('dead', 'list')).toMatchObject({
    code: 1,
    err: expect.stringContaining('restart the node'),
  })
  await operator.close()
  expect(existsSync(file)).toBe(false)
  for (const command of ['dead', 'review'])
    expect(await run(command, 'list')).toMatchObject({
      code: 6,
      err: expect.stringContaining('no adapter node runs on it'),
    })
})

test('O-1, O-2, O-4: commands reach a node that is a process; one that was killed or has ended is told as that', async () => {
  const hub = await startHub({ folder: bridgeFolder })
  const office = await joinHub(hub, config, memoryStore())
  const { store, args } = await adapterNode(hub, 'ann')
  const options = { folder: bridgeFolder }
  const killed = await startCommand(args, 'operator heard', options)
  await killed.stop('SIGKILL')
  const stale = readFileSync(`${store}.operator`, 'utf8')
  expect(await runHere(['dead', 'list', '--store', store])).toMatchObject({
    code: 6,
    err: expect.stringContaining('cannot be reached; it may have ended'),
  })

  const running = await startCommand(args, 'operator heard', options)
  expect(readFileSync(`${store}.operator`, 'utf8')).not.toBe(stale)
  const { id } = await office.collection('jobs').create({ title: 'too long' })
  await expect(office.collection('jobs').saved(id, 'crm')).rejects.toThrow('at most 7 letters')
  const listed = await skerry(['dead', 'list', '--store', store])
  expect(listed).toMatchObject({ code: 0, out: expect.stringContaining('Title: at most 7 letters') })
  const retried = await runHere(['dead', 'retry', `jobs/${id}`, '--store', store, '--json'])
  expect(JSON.parse(retried.out)).toMatchObject([{ record: `jobs/${id}`, fields: { Title: 'too long' } }])
  const { stdout } = await runShell(block('sh', 1), dirname(store), { RECORD: `jobs/${id}` })
  for (const words of [
    'at most 7 letters',
    'no dead letter fits',
    'nothing is under review',
    'crm: whole,',
    'crm answered rejected',
  ])
    expect(stdout).toContain(words)
  expect((await running.stop()).code).toBe(0)
  expect(existsSync(`${store}.operator`)).toBe(false)
  expect(await runHere(['dead', 'list', '--store', store])).toMatchObject({ code: 6 })
})
