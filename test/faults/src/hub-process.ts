/** A hub that is killed. It looks for what was acknowledged before any edge can tell it again. Run by hub-target.ts. */
import { createLog, startHub } from '@skerry/hub'
import { errand, tell } from './errand.ts'
import { contentsOf } from './healing.ts'
import type { HubErrand, HubLine } from './hub-errand.ts'
import { collections, SPACE, type Visit } from './visits.ts'

const say = (line: HubLine): void => tell(line)
const { store, verify, tellAll } = await errand<HubErrand>()
const log = createLog({ level: 'error', destination: process.stderr })
const hub = await startHub({ space: SPACE, collections }, { port: 0, store, log })
const records = hub.replica.collection('visits')
const visits = await contentsOf<Visit>(records, tellAll ? undefined : verify.map(({ record }) => record))
for (const edit of verify) if (!visits.get(edit.record)?.marks[edit.mark]) say({ said: 'missing', ...edit })
if (tellAll) for (const [id, visit] of visits) say({ said: 'visit', id, visit })
say({ said: 'listening', url: hub.url })
