/** A bridge on the adapter, and a field that is dropped under it: K-81. */
import { collection, memoryStore, openReplica } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { expect } from 'vitest'
import * as z from 'zod'
import { startBridge } from '../bridge.ts'
import { escaped } from '../mapping/path.ts'
import { type ContractCase, contractCase, fault, has } from './case.ts'
import { quickHost } from './quick-host.ts'

const things = collection('things', z.object({ title: z.string(), note: z.string().optional() }))

export const driftCase: ContractCase = contractCase(
  'K-81',
  'a field that is dropped pauses its mapping in a bridge, and costs no record what it holds',
  [has('describe'), fault('dropField')],
  async (trial) => {
    await startEngine()
    const { system, adapter, type } = trial
    const { title, note } = system.fields
    const row = await system.create(trial.fields('theirs', 'noted there'))
    await trial.settled()
    const host = quickHost()
    const replica = await openReplica({ host, store: memoryStore(), collections: { things } })
    // Names of the row's fields, which may have dots; in a mapping they are paths.
    const fields = { title: escaped(title), note: escaped(note) }
    const mappings = [{ collection: 'things', type, fields }]
    const bridge = await startBridge({
      replica,
      adapter,
      host,
      mappings,
      name: 'contract',
      pollIntervalMs: 0,
    })
    try {
      await bridge.pollNow()
      await bridge.idle()
      expect(bridge.pausedMappings(), 'paused before anything was dropped').toEqual([])
      const [thing] = await replica.things.all()
      expect(thing).toMatchObject({ title: 'theirs', note: 'noted there' })
      await trial.provoke('dropField')(note)
      await system.edit(row.id, { [title]: 'theirs, edited' })
      await trial.settled()
      await bridge.checkSchema()
      await replica.things.update(thing!.id, (draft) => void Object.assign(draft, { note: 'noted here' }))
      await bridge.pollNow()
      await bridge.idle()
      const [paused] = bridge.pausedMappings()
      expect(paused, 'the mapping that is paused').toBeDefined()
      expect(paused?.reasons.map(({ message }) => message).join(), 'why it is paused').toContain(note)
      expect(bridge.stats()).toMatchObject({ open: 0, dead: 0, paused: 1 })
      expect(await replica.things.get(thing!.id)).toMatchObject({ title: 'theirs', note: 'noted here' })
    } finally {
      await bridge.close()
      await replica.close()
    }
  },
)
