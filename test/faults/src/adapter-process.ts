/** An adapter node that is killed: a replica with a bridge to the CRM. Run by adapter-target.ts. */
import { restAdapter } from '@skerry/adapter-rest'
import { startBridge } from '@skerry/bridge'
import { nodeHost, openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { connect } from '@skerry/ws'
import type { AdapterErrand, AdapterLine } from './adapter-errand.ts'
import { CRM, jobCollections, jobMapping } from './cases.ts'
import { errand, tell } from './errand.ts'
import { SPACE } from './visits.ts'
import { elapsed } from './within.ts'

const POLL_MS = 200
const CONCURRENCY = 4
/** Milliseconds; what a held call may cost when nobody is killed. */
const CALL_MS_MAX = 3_000
/** Milliseconds between two looks at whether the bridge is idle. */
const LOOK_MS = 50

const say = (line: AdapterLine): void => tell(line)
const { path, hubUrl, crmUrl, webhooks } = await errand<AdapterErrand>()
const replica = await openReplica({ store: sqliteStore({ path }), collections: jobCollections, space: SPACE })
say({ said: 'open' })
connect(replica, hubUrl)
const bridge = await startBridge({
  replica,
  host: nodeHost(),
  adapter: restAdapter({
    name: CRM,
    baseUrl: crmUrl,
    auth: { clientId: 'skerry', clientSecret: 'skerry-sandbox-secret' },
    timeoutMs: CALL_MS_MAX,
    ...(webhooks && { webhook: {} }),
  }),
  mappings: [jobMapping],
  pollIntervalMs: POLL_MS,
  concurrency: CONCURRENCY,
  events: ({ level, code, message }) => level !== 'info' && say({ said: 'event', code, message }),
})
for (;;) {
  await bridge.idle()
  say({ said: 'idle', dead: bridge.stats().dead })
  await elapsed(LOOK_MS)
}
