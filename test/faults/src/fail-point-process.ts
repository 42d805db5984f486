/** A hub that kills itself at a point in its work. Run by fail-points.test.ts. */
import { idOf } from '@skerry/core'
import { createLog, startHub } from '@skerry/hub'
import { sqliteStore } from '@skerry/store-sqlite'
import { errand, tell } from './errand.ts'
import { dyingStore, type FailPointErrand, type FailPointLine } from './fail-point.ts'
import { collections, SPACE, type Visit, visitMarking } from './visits.ts'

const say = (line: FailPointLine): void => tell(line)
const { store, point, edits } = await errand<FailPointErrand>()
const log = createLog({ level: 'error', destination: process.stderr })
const openStore = (path: string) => dyingStore(sqliteStore({ path }), point)
const hub = await startHub({ space: SPACE, collections }, { port: 0, store, log, openStore })
say({ said: 'listening', url: hub.url })
if (edits > 0) {
  const visits = hub.replica.collection('visits')
  const id = idOf(point.record)
  await visits.create(visitMarking.newRecord('m0') as never, { id })
  for (let number = 1; number <= edits; number++)
    await visits.update(id, (visit) => visitMarking.markRecord(visit as unknown as Visit, `m${number}`))
  for (let step = await hub.replica.upkeep(); !step.done; ) step = await hub.replica.upkeep()
}
