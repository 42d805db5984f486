/** How bridges stand, asked of a bridge in this process over its real socket (SPEC O-18, O-19). */
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

const sites = collection('sites', z.object({ name: z.string() }))
const parts = collection('parts', z.object({ name: z.string() }))

/** `crm` has no field for what sites are named any more; `erp` runs elsewhere. */
async function node() {
  const folder = temporaryFolder()
  const replica = await openReplica({ store: memoryStore(), collections: { sites, parts } })
  const text = { kind: 'text', required: false, writable: true } as const
  const types = [
    { type: 'accounts', fields: [{ name: 'Label', ...text }] },
    { type: 'items', fields: [{ name: 'Name', ...text }] },
  ]
  const system = new MemorySystem({ name: 'crm', types })
  const bridge = await startBridge({
    replica,
    adapter: system.adapter(),
    mappings: [
      { collection: 'sites', type: 'accounts', fields: { name: 'Name' } },
      { collection: 'parts', type: 'items', fields: { name: 'Name' } },
    ],
    host: nodeHost(),
    pollIntervalMs: 0,
  })
  await replica.sites.create({ name: 'North Quay' })
  await replica.parts.create({ name: 'bolt' })
  system.edit('items', {}, { Name: 7 })
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
  return { bridge, run: (...args: string[]) => runHere(['bridge', 'status', ...args], folder) }
}

test('O-18 B-192: what waits is counted, and a mapping that is paused is told with why', async () => {
  const { run } = await node()
  const { code, out, err } = await run()
  expect([code, err]).toEqual([0, expect.stringContaining('erp: not running here just now')])
  expect(out).toMatch(/system +to write +for approval .* dead +unread +in review/)
  expect(out).toMatch(/crm +0 +0 +0 +0 +1 +0 +1 +0 +\d+ +\d+ +0 +closed/)
  expect(out).toMatch(/crm: sites ↔ accounts is paused since 20\d\d-.*\n {2}accounts has no field 'Name'/)
  expect(out).not.toContain('parts ↔ items')
  const told = JSON.parse((await run('--json', '--system', 'crm')).out) as unknown
  expect(told).toMatchObject([
    { running: true, paused: [{ type: 'accounts' }], stats: { mappingsPaused: 1 } },
  ])
  expect(await run('--system', 'crn')).toMatchObject({
    code: 2,
    err: expect.stringContaining("did you mean 'crm'"),
  })
})

test('O-19: as Prometheus reads it', async () => {
  const { run, bridge } = await node()
  const { code, out } = await run('--metrics')
  expect(code).toBe(0)
  const lines = out.split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      'skerry_bridge_running{system="crm"} 1',
      'skerry_bridge_running{system="erp"} 0',
      'skerry_bridge_mappings_paused{system="crm"} 1',
      `skerry_bridge_mapping_paused_since_seconds{system="crm",collection="sites",type="accounts"} ${bridge.pausedMappings()[0]!.since / 1_000}`,
      'skerry_bridge_items{system="crm",state="paused"} 1',
      'skerry_bridge_rows_unread{system="crm"} 1',
      'skerry_bridge_lag_seconds{system="crm",tier="critical"} 0',
      'skerry_bridge_write_calls_total{system="crm"} 1',
    ]),
  )
  const named = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const typed = new Set(lines.flatMap((line) => /^# TYPE (\S+) (?:gauge|counter)$/.exec(line)?.[1] ?? []))
  for (const line of named) expect(typed).toContain(/^(\w+)\{/.exec(line)?.[1])
})
