/** A call whose fate nobody knows stands in a dry run as what the run will find it to be (SPEC B-181). */
import { MemorySystem, planBridge, startBridge } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { HeldAdapter } from '../../test/held.ts'
import { bridged, jobMapping, openNode } from '../../test/nodes.ts'

beforeAll(startEngine)

/** A bridge that ended while a call was under way, and what a plan says of it beside what the next run does. */
async function plannedAndDone(what: 'create' | 'update' | 'delete', wasCarriedOut: boolean) {
  const node = await openNode()
  const system = new MemorySystem({ name: 'crm', losesPush: () => true })
  const held = new HeldAdapter(system.adapter())
  const { bridge } = await bridged(node, system, { adapter: held.adapter })
  const make = () => node.replica.jobs.create({ title: 'a' })
  const made = what === 'create' ? undefined : await make()
  await bridge.idle()
  const moment = wasCarriedOut ? 'answer' : 'request'
  const call = held.hold(what === 'delete' ? 'delete' : 'upsert', moment)
  if (!made) await make()
  else if (what === 'delete') await node.replica.jobs.delete(made.id)
  else await node.replica.jobs.update(made.id, (draft) => void Object.assign(draft, { title: 'ours' }))
  await call.arrived
  const closing = bridge.close()
  call.release({ kind: 'unknown', reason: 'gone' })
  await closing
  const run = { adapter: system.adapter(), mappings: [jobMapping], host: node.host }
  const copy = await openNode({ host: node.host, disk: node.disk.clone() })
  const { mappings } = await planBridge({ replica: copy.replica, ...run })
  const before = system.effects('cases').length
  const next = await startBridge({ replica: node.replica, ...run, pollIntervalMs: 0 })
  await next.pollNow()
  await next.idle()
  await next.close()
  const { there } = mappings[0]!
  return {
    told: there[what],
    all: there.create + there.update + there.delete,
    done: system.effects('cases').length - before,
  }
}

describe.each(['create', 'update', 'delete'] as const)('B-181: a %s in doubt', (what) => {
  test('that was carried out is no write any more', async () => {
    expect(await plannedAndDone(what, true)).toEqual({ told: 0, all: 0, done: 0 })
  })

  test('that was not is one', async () => {
    expect(await plannedAndDone(what, false)).toEqual({ told: 1, all: 1, done: 1 })
  })
})
