/** A bridge on the adapter, with everything that goes wrong in a day: K-80. */
import { collection, MemoryDisk, memoryStore, openReplica } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { expect } from 'vitest'
import * as z from 'zod'
import { type Bridge, startBridge } from '../bridge.ts'
import { escaped } from '../mapping/path.ts'
import { type ContractCase, contractCase } from './case.ts'
import { quickHost } from './quick-host.ts'
import type { ContractFaults } from './subject.ts'
import type { Trial } from './trial.ts'

const things = collection('things', z.object({ title: z.string(), note: z.string().optional() }))

export const bridgeCase: ContractCase = contractCase(
  'K-80',
  'a bridge on it converges',
  [],
  async (trial) => {
    await startEngine()
    const disk = new MemoryDisk()
    const first = await opened(trial, disk, trial.adapter)
    await morning(trial, first)
    // The bridge ends in the middle of what it does; whoever comes next finds out how far it came.
    await Promise.all([
      first.close(),
      trial.system.edit((await theirs(trial)).id, trial.fields('theirs, at noon')),
    ])
    const second = await opened(trial, disk, trial.system.again?.() ?? trial.adapter)
    await afternoon(trial, second)
    await expectEqual(trial, second)
    await second.close()
  },
)

interface Node {
  bridge: Bridge
  things: Awaited<ReturnType<typeof replicaOn>>['things']
  sync(): Promise<void>
  close(): Promise<void>
}

function replicaOn(disk: MemoryDisk, host: ReturnType<typeof quickHost>) {
  return openReplica({ host, store: memoryStore({ disk }), collections: { things } })
}

async function opened(trial: Trial, disk: MemoryDisk, adapter: Trial['adapter']): Promise<Node> {
  const host = quickHost()
  const replica = await replicaOn(disk, host)
  const { type, system } = trial
  // Names of the row's fields, which may have dots; in a mapping they are paths.
  const [title, note] = [system.fields.title, system.fields.note].map(escaped)
  const mappings = [{ collection: 'things', type, fields: { title: title!, note: note! } }]
  const bridge = await startBridge({ replica, adapter, host, mappings, name: 'contract', pollIntervalMs: 0 })
  return {
    bridge,
    things: replica.things,
    sync: async () => {
      await bridge.idle()
      await trial.settled()
      await bridge.pollNow()
      await bridge.idle()
    },
    close: async () => {
      await bridge.close()
      await replica.close()
    },
  }
}

/** Rows come in, records go out, both are edited, and answers go wrong. */
async function morning(trial: Trial, node: Node): Promise<void> {
  for (const title of ['theirs', 'theirs, too']) await trial.system.create(trial.fields(title, 'noted there'))
  await node.sync()
  expect((await node.things.all()).map(({ title }) => title).sort()).toEqual(['theirs', 'theirs, too'])
  await struck(trial, 'loseAnswer')
  const ids = await Promise.all(
    ['ours', 'ours, too', 'ours, soon gone'].map(
      async (title) => (await node.things.create({ title, note: 'noted here' })).id,
    ),
  )
  await node.sync()
  await struck(trial, 'exhaustQuota')
  await edited(node, ids[0]!, { note: 'noted again' })
  await trial.system.edit((await theirs(trial)).id, trial.fields('theirs, edited'))
  await node.sync()
  await struck(trial, 'breakServer')
  await node.things.delete(ids[2]!)
  await edited(node, ids[1]!, { title: 'ours, edited before noon' })
}

/** As in the morning, and once more with lost answers; then all is quiet. */
async function afternoon(trial: Trial, node: Node): Promise<void> {
  await node.sync()
  await struck(trial, 'garbleAnswer')
  await struck(trial, 'loseAnswer')
  for (const { id, title } of await node.things.all())
    await edited(node, id, { title: `${title}, and evening` })
  await node.sync()
  await trial.system.edit((await theirs(trial)).id, { [trial.system.fields.note]: 'last words' })
  await node.sync()
  await node.sync()
}

async function expectEqual(trial: Trial, node: Node): Promise<void> {
  expect(node.bridge.stats()).toMatchObject({ open: 0, dead: 0, hints: 0 })
  const { title, note } = trial.system.fields
  const shown = (fields: { title?: unknown; note?: unknown }) => `${fields.title} / ${fields.note}`
  const records = (await node.things.all()).map(shown).sort()
  const rows = (await trial.living())
    .map(({ value }) => shown({ title: value[title], note: value[note] }))
    .sort()
  expect(records).toEqual(rows)
  expect(rows).toHaveLength(4)
  expect(rows.filter((row) => row.includes('last words'))).toHaveLength(1)
  const calls = node.bridge.stats().callsMade
  await node.sync()
  expect(node.bridge.stats().callsMade, 'writes at rest').toBe(calls)
}

/** The row that both sides edit. */
async function theirs(trial: Trial): Promise<{ id: string }> {
  const { title } = trial.system.fields
  const row = (await trial.living()).find(({ value }) => /^theirs(?!, too)/.test(String(value[title])))
  if (!row) throw new Error('the row that somebody else made is gone')
  return row
}

async function edited(node: Node, id: string, fields: { title?: string; note?: string }): Promise<void> {
  await node.things.update(id, (draft) => void Object.assign(draft, fields))
}

/** Provokes a fault of writing, where the system can have it. */
async function struck(
  trial: Trial,
  name: keyof ContractFaults & ('loseAnswer' | 'exhaustQuota' | 'breakServer' | 'garbleAnswer'),
): Promise<void> {
  const provoke = trial.system.faults[name]
  if (typeof provoke === 'function') await provoke('write')
}
