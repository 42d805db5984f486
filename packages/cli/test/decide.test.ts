/** Approvals, pairs in doubt, merges and comparisons, asked of a bridge in this process over its real socket (SPEC O-14 to O-17). */
import { join } from 'node:path'
import { MemorySystem, startBridge } from '@skerry/bridge'
import { collection, memoryStore } from '@skerry/core'
import { createLog } from '@skerry/hub'
import { nodeHost, openReplica } from '@skerry/node'
import { expect, onTestFinished, test, vi } from 'vitest'
import * as z from 'zod'
import { startOperator } from '../src/operator/start-operator.ts'
import { runHere } from './in-process.ts'
import { temporaryFolder } from './skerry.ts'

vi.setConfig({ testTimeout: 240_000 })

const sites = collection('sites', z.object({ name: z.string(), city: z.string().optional() }))
const parts = collection('parts', z.object({ name: z.string() }))

async function node() {
  const folder = temporaryFolder()
  const replica = await openReplica({ store: memoryStore(), collections: { sites, parts }, space: 'acme' })
  const system = new MemorySystem({ name: 'crm', losesPush: () => true })
  await replica.sites.create({ name: 'North Quay', city: 'Kiel' }, { id: 'north' })
  await replica.parts.create({ name: 'bolt' }, { id: 'bolt' })
  system.edit('accounts', {}, { Name: 'North Quai' })
  const bridge = await startBridge({
    replica,
    adapter: system.adapter(),
    mappings: [
      {
        collection: 'sites',
        type: 'accounts',
        fields: { name: 'Name', city: 'City' },
        match: [{ how: 'scored', fields: { name: 1 }, sure: 0.99, doubtful: 0.5 }],
      },
      { collection: 'parts', type: 'items', tier: 'reference', fields: { name: 'Name' } },
    ],
    host: nodeHost(),
    pollIntervalMs: 0,
  })
  await bridge.pollNow()
  await bridge.idle()
  const bridges = [
    { system: 'crm', bridge: () => bridge },
    { system: 'erp', bridge: () => undefined },
  ]
  const operator = await startOperator(join(folder, 'bridge.db'), bridges, createLog({ level: 'silent' }))
  onTestFinished(async () => {
    await operator.close()
    await bridge.close()
    await replica.close()
  })
  return { replica, system, bridge, run: (...args: string[]) => runHere(args, folder) }
}

test('O-14 TIE-3 REC-4: approvals are listed as they would be sent, and let go; what does not wait is told as that', async () => {
  const { run, system, bridge } = await node()
  const listed = await run('approval', 'list')
  expect(listed).toMatchObject({ code: 0, err: expect.stringContaining('erp') })
  expect(listed.out).toMatch(/crm +parts\/bolt +items +create +{"Name":"bolt"}/)
  expect(await run('approval', 'give')).toMatchObject({ code: 2, err: expect.stringContaining('--all') })
  expect((await run('approval', 'give', '--all', '--dry-run')).out).toContain('would send')
  await bridge.idle()
  expect(system.rows('items')).toEqual([])
  expect((await run('approval', 'give', 'parts/bolt')).out).toContain('sends')
  await bridge.idle()
  expect(system.rows('items')).toMatchObject([{ value: { Name: 'bolt' } }])
  expect((await run('approval', 'list', '--system', 'crm')).out).toBe('nothing waits for approval\n')
  expect((await run('approval', 'give', '--all')).out).toBe('nothing of that waits for approval\n')
})

test('O-14 TIE-3: what is refused is not sent, and whoever edited it reads why', async () => {
  const { run, system, bridge, replica } = await node()
  expect(await run('approval', 'refuse')).toMatchObject({ code: 2, err: expect.stringContaining('--all') })
  expect((await run('approval', 'refuse', '--all', '--dry-run')).out).toContain('would not send')
  const why = ['--by', 'eve', '--reason', 'we do not stock it']
  expect((await run('approval', 'refuse', 'parts/bolt', ...why)).out).toContain('is not sent')
  await bridge.idle()
  expect(system.rows('items')).toEqual([])
  expect((await run('approval', 'list', '--system', 'crm')).out).toBe('nothing waits for approval\n')
  await expect(replica.parts.saved('bolt', 'crm')).rejects.toThrow(
    'eve refused the write: we do not stock it',
  )
})

test('O-15 REC-4: pairs are listed with their scores and decided; one that is none is told as that', async () => {
  const { run, system, bridge, replica } = await node()
  const row = system.rows('accounts')[0]!.id
  expect((await run('pair', 'list')).out).toMatch(
    new RegExp(`crm +accounts +${row} +sites/north +0\\.\\d\\d +scored`),
  )
  expect(await run('pair', 'decide', 'accounts', 'none', 'same')).toMatchObject({
    code: 1,
    err: expect.stringContaining('accounts none is in no open pair in crm'),
  })
  expect(await run('pair', 'decide', 'accounts', row, 'same', 'sites/south')).toMatchObject({
    code: 2,
    err: expect.stringContaining('was not compared with sites/south'),
  })
  expect((await run('pair', 'decide', 'accounts', row, 'same')).out).toBe(
    `decided accounts ${row} of crm: same\n`,
  )
  await bridge.idle()
  expect((await run('pair', 'list', '--system', 'crm')).out).toBe('no pair is in doubt\n')
  expect(await replica.sites.all()).toHaveLength(1)
  expect(system.rows('accounts')).toMatchObject([{ id: row, value: { City: 'Kiel' } }])
})

test('O-16 REC-3: two records become one; what cannot be merged is told', async () => {
  const { run, system, bridge, replica } = await node()
  const row = system.rows('accounts')[0]!.id
  await run('pair', 'decide', 'accounts', row, 'different')
  await bridge.idle()
  const other = (await replica.sites.all()).find(({ id }) => id !== 'north')!
  expect(await run('merge', 'sites/north', 'sites/north')).toMatchObject({
    code: 2,
    err: expect.stringContaining('one record already'),
  })
  expect((await run('merge', 'sites/north', `sites/${other.id}`)).out).toBe(
    `merged sites/${other.id} into sites/north\n`,
  )
  await bridge.idle()
  expect((await replica.sites.all()).map(({ id }) => id)).toEqual(['north'])
})

test('O-17 REC-2: a comparison says what it found, by field, and what that cost; as a dry run it changes nothing', async () => {
  const { run, system, bridge, replica } = await node()
  const row = system.rows('accounts')[0]!.id
  await run('pair', 'decide', 'accounts', row, 'same')
  await bridge.idle()
  system.edit('accounts', { id: row }, { City: 'Ulm' })
  const dry = await run('reconcile', 'accounts', '--dry-run')
  expect(dry.out).toMatch(/crm +accounts +1 +1 +\d+ +0 +1 +0 +0/)
  expect(dry.out).toMatch(/crm +accounts +city +theirs +taken +1/)
  expect((await replica.sites.get('north'))?.city).toBe('Kiel')
  expect((await run('reconcile')).code).toBe(0)
  await bridge.idle()
  expect((await replica.sites.get('north'))?.city).toBe('Ulm')
  expect(await run('reconcile', 'acounts')).toMatchObject({
    code: 2,
    err: expect.stringContaining("no mapping of crm has the type 'acounts'"),
  })
})
