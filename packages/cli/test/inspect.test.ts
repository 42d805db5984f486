/** `skerry inspect` on stores whose nodes run: a hub as a process, and an edge that has sent it two records. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { emptyBatch } from '@skerry/core'
import { sqliteStore } from '@skerry/store-sqlite'
import { expect, test, vi } from 'vitest'
import { questionNames } from '../src/question.ts'
import config from './config/skerry.config.ts'
import { runHere } from './in-process.ts'
import { joinHub } from './join-hub.ts'
import { startHub, temporaryFolder } from './skerry.ts'

// Each test starts several processes, on machines that do other things too.
vi.setConfig({ testTimeout: 240_000 })

async function twoNodes() {
  const hub = await startHub()
  const edge = join(temporaryFolder(), 'edge.db')
  const replica = await joinHub(hub, config, sqliteStore({ path: edge }))
  const jobs = replica.collection('jobs')
  await jobs.create({ title: 'pump 7 leaks', region: 'north' }, { id: 'j1' })
  await jobs.create({ title: 'done', region: 'south' }, { id: 'j2' })
  await jobs.delete('j2')
  for (const id of ['j1', 'j2']) await jobs.saved(id, 'hub')
  return { hub, edge }
}

async function inspected(...args: string[]): Promise<string> {
  const { code, out, err } = await runHere(['inspect', ...args])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}

const asJson = async (...args: string[]): Promise<unknown> => JSON.parse(await inspected(...args, '--json'))

test('every question is answered as a table and as JSON, and the node goes on', async () => {
  const { hub, edge } = await twoNodes()
  for (const what of questionNames) {
    const [text, json] = await Promise.all([inspected(edge, what), inspected(edge, what, '--json')])
    expect(text.trim()).not.toBe('')
    expect(() => JSON.parse(text)).toThrow()
    expect(() => JSON.parse(json)).not.toThrow()
  }
  expect((await fetch(`${hub.url}/readyz`)).status).toBe(200)
  expect((await hub.stop()).code).toBe(0)
})

test('the summary and sizes count, the channels and the log say what is where', async () => {
  const { hub } = await twoNodes()
  expect(await inspected(hub.store)).toMatch(/^records {4}2$/m)
  expect(await inspected(hub.store)).toMatch(/^jobs +2 +1$/m)
  expect(await asJson(hub.store, 'sizes')).toMatchObject({ entries: 3, records: 2 })
  expect(await asJson(hub.store, 'channels')).toEqual([
    { channel: 'region:north', entries: 1 },
    { channel: 'region:south', entries: 2 },
  ])
  const log = await inspected(hub.store, 'log')
  expect(log.split('\n')[0]).toMatch(/^ *sequence {2}kind +record +bytes {2}heard/)
  expect(log.match(/changes {2}jobs\/j[12]/g)).toHaveLength(3)
})

test('records and heads are listed by key, some at a time, from where the last page ended', async () => {
  const { hub } = await twoNodes()
  expect(await asJson(hub.store, 'records')).toMatchObject([
    { record: 'jobs/j1', deleted: false, view: { title: 'pump 7 leaks' }, channels: ['region:north'] },
    { record: 'jobs/j2', deleted: true },
  ])
  expect(await inspected(hub.store, 'records', '--limit', '1')).not.toContain('jobs/j2')
  const page = await inspected(hub.store, 'records', '--after', 'jobs/j1', '--collection', 'jobs')
  expect(page).toContain('(deleted)')
  expect(page).not.toContain('jobs/j1')
  expect(await asJson(hub.store, 'heads', '--limit', '1')).toMatchObject([
    { record: 'jobs/j1', heads: [expect.stringMatching(/^[0-9a-f]{64}$/)], deleted: false },
  ])
})

test('the cursors of an edge say up to where the hub has acknowledged its log', async () => {
  const { hub, edge } = await twoNodes()
  const { log } = (await asJson(hub.store)) as { log: string }
  const { head } = (await asJson(edge)) as { head: number }
  expect(await asJson(edge, 'cursors')).toContainEqual({
    kind: 'acknowledged',
    log,
    channel: '*',
    sequence: head,
  })
})

test('records in quarantine are listed with the reason', async () => {
  const path = join(temporaryFolder(), 'hub.db')
  const store = sqliteStore({ path })
  await store.open('ab'.repeat(16))
  const row = { record: 'jobs/j1', code: 'died', reason: 'unreachable', at: 0 }
  const value = new TextEncoder().encode(JSON.stringify(row))
  await store.commit({ ...emptyBatch, tables: [{ table: 'quarantined', key: 'jobs/j1', value }] })
  await store.close()
  expect(await asJson(path, 'quarantine')).toEqual([{ ...row, at: '1970-01-01T00:00:00.000Z' }])
  expect(await inspected(path, 'quarantine')).toMatch(/jobs\/j1 +died +1970-01-01T00:00:00.000Z +unreachable/)
})

test('a wrong question says what would be right: exit code 2', async () => {
  const { hub } = await twoNodes()
  const wrong = async (...args: string[]) => {
    const { code, out, err } = await runHere(['inspect', hub.store, ...args])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    return err
  }
  expect(await wrong('records', '--collection', 'job')).toContain("did you mean 'jobs'?")
  expect(await wrong('records', '--after', 'j1')).toContain('like jobs/j1')
  expect(await wrong('log', '--after', 'jobs/j1')).toContain('a whole number')
  expect(await wrong('recods')).toContain('summary, records, heads')
})

test('what is no store says why and what to do: exit code 5', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'text.db'), 'these are words and not a database')
  writeFileSync(join(folder, 'empty.db'), '')
  mkdirSync(join(folder, 'folder.db'))
  const refused = async (file: string) => {
    const { code, out, err } = await runHere(['inspect', file], folder)
    expect({ code, out }).toEqual({ code: 5, out: '' })
    expect(err).toContain(join(folder, file))
    return err
  }
  expect(await refused('missing.db')).toContain('there is no such file; check the path')
  expect(await refused('text.db')).toContain('not a database; choose another path')
  expect(await refused('empty.db')).toContain('the file is empty; choose another path')
  expect(await refused('folder.db')).toContain('check that it is a file')
})
