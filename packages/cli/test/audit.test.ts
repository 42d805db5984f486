/** The audit commands, against a real bridge in this process (SPEC O-10 to O-13). */
import { encodeUtf8 } from '@skerry/core'
import { expect, test } from 'vitest'
import { node, type TestNode } from './operated-node.ts'

/** A job that was written, edited on both sides, and seen again. */
async function lived(): Promise<TestNode & { row: string }> {
  const one = await node({ audit: { values: 'kept' } })
  const jobs = one.replica.collection('jobs')
  await jobs.create({ title: 'before' }, { id: 'j1' })
  await one.bridge().idle()
  const row = one.system.rows('cases')[0]!.id
  await jobs.update('j1', (draft) => {
    draft.title = 'after\u001b[31m'
  })
  await one.bridge().idle()
  await one.bridge().pollNow()
  await one.bridge().idle()
  return { ...one, row }
}

/** Entry `n` as somebody would have it. */
function rewrite({ replica }: TestNode, n: number): Promise<void> {
  const key = String(n).padStart(15, '0')
  return replica.transact(async ({ tables }) => {
    const text = new TextDecoder().decode(await tables.get('bridge/crm/audit', key))
    tables.put('bridge/crm/audit', key, encodeUtf8(text.replace('"at":1', '"at":2')))
  })
}

test('O-10 GOV-4: a whole log is told with its newest entry, which can be given again', async () => {
  const one = await lived()
  const { code, out, err } = await one.run('audit', 'verify')
  expect({ code, err }).toEqual({
    code: 0,
    err: expect.stringMatching(/^erp: not running here just now.*\n$/),
  })
  const noted = out.match(/^crm: whole, (\d+) entries; the newest is (\1:[0-9a-f]{64})\n$/)?.[2]
  expect(await one.run('audit', 'verify', '--system', 'crm', '--noted', noted!)).toMatchObject({ code: 0 })
  expect(await one.json('audit', 'verify', '--system', 'crm')).toEqual([
    {
      system: 'crm',
      running: true,
      verdict: { entries: expect.any(Number), seal: expect.anything(), head: expect.anything() },
    },
  ])
  const later = noted!.replace(/^\d+/, '999')
  expect(await one.run('audit', 'verify', '--system', 'crm', '--noted', later)).toMatchObject({
    code: 1,
    err: expect.stringContaining('before entry 999, which was noted'),
  })
})

test('O-10: the first link that is broken is named, and the exit code says so', async () => {
  const one = await lived()
  await rewrite(one, 3)
  const broken = 'crm: entry 4 does not follow entry 3 as it is: one of the two was changed'
  expect(await one.run('audit', 'verify')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining(broken),
  })
  const { code, out, err } = await one.run('audit', 'verify', '--json')
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(broken) })
  expect(JSON.parse(out)).toMatchObject([
    { verdict: { problem: broken.slice('crm: '.length) } },
    { running: false },
  ])
})

test('O-10 O-9: a log that no bridge here has is no whole log', async () => {
  const one = await lived()
  await one.away()
  expect(await one.run('audit', 'verify')).toMatchObject({
    code: 1,
    err: expect.stringContaining('no log was looked at'),
  })
  expect(await one.run('audit', 'why', 'crm', 'jobs/j1')).toMatchObject({
    code: 1,
    err: expect.stringContaining('crm: not running here just now'),
  })
})

test('O-11 MAP-8: the lineage of a value, by record or by row, by either name of the field', async () => {
  const one = await lived()
  const { code, out, err } = await one.run('audit', 'why', 'crm', 'jobs/j1', 'title')
  expect({ code, err }).toEqual({ code: 0, err: '* made it what it is now\n' })
  expect(out).toMatch(/^jobs\/j1 {2}title {2}in crm\nnow: here "after/)
  expect(out).toMatch(
    /^ *\d+ +20[^ ]+Z +an edit was seen: Title is to be written to cases of crm \(create\)$/m,
  )
  expect(out).toMatch(
    new RegExp(
      `^ *\\d+ +20[^ ]+Z +\\* +the call was made up: title as Title, "after.*", from the edit of .*; to cases ${one.row} of crm, which must be in version v1$`,
      'm',
    ),
  )
  expect(out).toMatch(new RegExp(`crm answered done, row ${one.row} in version v2$`, 'm'))
  expect(out).toMatch(new RegExp(`crm shows cases ${one.row} as it was written, version v2$`, 'm'))
  // No control character reaches the terminal.
  expect(out).not.toContain('\u001b')
  const byRecord = await one.json('audit', 'why', 'crm', 'jobs/j1', 'title')
  expect(await one.json('audit', 'why', 'crm', `cases/${one.row}`, 'Title')).toEqual(byRecord)
  expect(await one.json('audit', 'why', 'crm', `cases/${one.row}`, 'title', '--row')).toEqual(byRecord)
})

test('O-11 B-198: where the newest row of a record was not taken in, that is said, and why', async () => {
  const one = await lived()
  one.system.edit('cases', { id: one.row }, { Title: 7 })
  await one.bridge().pollNow()
  await one.bridge().idle()
  const { out } = await one.run('audit', 'why', 'crm', 'jobs/j1', 'title')
  expect(out).toMatch(
    new RegExp(
      `^now: here "after.*\nnot taken in since 20[^ ]+Z: cases ${one.row} in version v3: .*/title Invalid input`,
      'm',
    ),
  )
})

test.each([
  [
    'a record and row that there is not',
    ['crm', 'jobs/none'],
    1,
    'jobs/none: nothing was ever done for it here',
  ],
  ['a field that is not mapped', ['crm', 'jobs/j1', 'Titel'], 2, "did you mean 'title'?"],
  ['what names neither', ['crm', 'j1'], 2, 'want a record, jobs/4f1c…, or a row, cases/500…'],
  ['an unknown system', ['crn', 'jobs/j1'], 2, "did you mean 'crm'?"],
])('O-11: %s is an error that says what there is', async (_, args, code, words) => {
  const one = await lived()
  expect(await one.run('audit', 'why', ...args)).toMatchObject({
    code,
    out: '',
    err: expect.stringContaining(words),
  })
})

test('O-12: what is old is cut off, and the rest is whole', async () => {
  const one = await lived()
  expect((await one.run('audit', 'cut', '--older-than', '1', '--system', 'crm')).out).toBe(
    'crm: 0 entries were cut off\n',
  )
  expect(await one.bridge().audit.cut({ before: Date.now() + 1, by: 'ana' })).toBeGreaterThan(5)
  expect((await one.run('audit', 'verify', '--system', 'crm')).out).toMatch(
    /^crm: whole, \d entries, after \d+ that were cut off; the newest is/,
  )
  const why = () => one.run('audit', 'why', 'crm', 'jobs/j1')
  expect(await why()).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^what happened up to entry \d+ was cut off$/m),
  })
  await one.bridge().audit.cut({ before: Date.now() + 1 })
  expect(await why()).toMatchObject({
    code: 1,
    err: expect.stringMatching(/or it was cut off, as everything up to entry \d+/),
  })
  expect(await one.run('audit', 'cut')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--older-than'),
  })
})

test('O-13 GOV-9: what is kept of a deleted record is erased; of one that lives it is not', async () => {
  const one = await lived()
  expect(await one.run('audit', 'erase', 'jobs/j1', '--system', 'crm')).toMatchObject({
    code: 2,
    err: expect.stringContaining('jobs/j1 lives; delete it first'),
  })
  await one.replica.collection('jobs').delete('j1')
  await one.bridge().idle()
  expect(await one.run('audit', 'erase', 'jobs/j1', '--by', 'desk')).toMatchObject({
    code: 0,
    out: 'erased what is kept of jobs/j1 for crm\n',
  })
  const { out } = await one.run('audit', 'why', 'crm', 'jobs/j1')
  expect(out).toContain('(a value that is not kept)')
  expect(out).toMatch(/desk erased what was kept of it$/m)
  expect(await one.run('audit', 'verify', '--system', 'crm')).toMatchObject({ code: 0 })
})

test('O-6: who has a dead letter tried again stands in the log', async () => {
  const one = await node()
  await one.replica.collection('jobs').create({ title: 'bad' }, { id: 'j1' })
  await one.bridge().idle()
  one.mend()
  await one.run('dead', 'retry', 'jobs/j1', '--by', 'ana')
  await one.bridge().idle()
  expect((await one.run('audit', 'why', 'crm', 'jobs/j1')).out).toContain(
    'ana had the dead letter tried again',
  )
})

test('O-4: without a node nothing is told', async () => {
  const one = await lived()
  await one.operator.close()
  for (const args of [
    ['verify'],
    ['why', 'crm', 'jobs/j1'],
    ['cut', '--older-than', '1'],
    ['erase', 'jobs/j1'],
  ])
    expect(await one.run('audit', ...args)).toMatchObject({ code: 6 })
})
