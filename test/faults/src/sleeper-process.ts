/** A device that will be put to sleep. It tells each phase of its link, and each visit that it sees. Run by sleep.test.ts. */
import { idOf } from '@skerry/core'
import { openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { connect } from '@skerry/ws'
import { errand, tell } from './errand.ts'
import type { SleeperErrand, SleeperLine } from './sleeper-errand.ts'
import { collections, SPACE, visitMarking } from './visits.ts'

const say = (line: SleeperLine): void => tell(line)
const { path, url, heartbeatMs } = await errand<SleeperErrand>()
const replica = await openReplica({ store: sqliteStore({ path }), collections, space: SPACE })
replica.onCommit(({ changes }) => {
  for (const { record, before, after } of changes) {
    const id = idOf(record)
    if (before || !after || id === 'mine') continue
    say({ said: 'seen', id })
    // What woke it is answered by an edit of its own.
    if (id === 'wake')
      void replica.visits
        .create(visitMarking.newRecord('awake'), { id: 'mine' })
        .then(() => replica.visits.saved('mine', 'hub'))
        .then(() => say({ said: 'saved' }))
  }
})
const link = connect(replica, url, { heartbeatMs })
link.subscribe(({ phase }) => say({ said: 'phase', phase }))
