/** An edge that creates and edits visits as fast as it can until it is killed, and tells what became of each edit. Run by edge-target.ts. */
import { SeededRandom } from '@skerry/core/testing'
import { openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { connect } from '@skerry/ws'
import type { EdgeErrand, EdgeLine } from './edge-errand.ts'
import { errand, tell } from './errand.ts'
import { Marker } from './marker.ts'
import { collections, SPACE, visitMarking } from './visits.ts'

/** Edits under way at once, so that some share a commit. */
const WRITERS = 4

const say = (line: EdgeLine): void => tell(line)
const { path, hubUrl, round, seed, records, verify } = await errand<EdgeErrand>()
const replica = await openReplica({ store: sqliteStore({ path }), collections, space: SPACE })
say({ said: 'open' })
for (const edit of verify) {
  const visit = await replica.visits.get(edit.record)
  if (!visit?.marks[edit.mark]) say({ said: 'missing', ...edit })
}
connect(replica, hubUrl)
const marker = new Marker({
  replica,
  records: replica.visits,
  marking: visitMarking,
  prefix: `r${round}`,
  random: new SeededRandom(seed),
  open: records,
  begun: (edit) => say({ said: 'begun', ...edit }),
  here: (edit) => say({ said: 'here', ...edit }),
  there: (edit) => say({ said: 'there', ...edit }),
})
await Promise.all(Array.from({ length: WRITERS }, () => marker.run(() => true)))
