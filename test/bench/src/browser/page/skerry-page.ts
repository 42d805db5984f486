/** Skerry as an app has it: this page holds observables, the replica is in a SharedWorker. */
import type { Seen } from '@skerry/core'
import { edits, live, liveSync } from '@skerry/live'
import { connectTabs } from '@skerry/tabs'
import type { Admission } from '../admission.ts'
import { asFieldRecord, editOf, type FieldRecord, numberOf } from '../record.ts'
import { collections } from '../skerry-collection.ts'
import { newestValues } from './bare-writes.ts'
import { measured } from './measured-page.ts'
import { HUB_KEY, NAME, VERSION } from './skerry-names.ts'

type Shown = Seen<FieldRecord>

const hub = new URL(location.href).searchParams.get(HUB_KEY) ?? ''
const replica = connectTabs({
  name: NAME,
  version: VERSION,
  // The worker's name tells it where the hub is; an app has that in its build.
  shared: () =>
    new SharedWorker(new URL('./skerry-worker.ts', import.meta.url), { type: 'module', name: hub }),
  dedicated: () => new Worker(new URL('./skerry-worker.ts', import.meta.url), { type: 'module', name: hub }),
})
const { update } = edits(replica, collections.records)

measured<Shown>({
  async open({ told }) {
    const listed = live(replica, collections.records).orderBy('title')
    listed.subscribe(() => {
      const { records, error } = listed.get()
      if (error) console.error(error)
      told(records as readonly Shown[])
    })
    return (await replica.identity).publicKey
  },

  async connect({ pass: [token] }: Admission) {
    if (token !== undefined) await replica.setCredential(token)
    await replica.setOffline(false)
  },

  stayOffline: () => replica.setOffline(true),

  settled: () =>
    new Promise((resolve) => {
      const sync = liveSync(replica)
      const look = () => {
        const { value } = sync.get()
        if (value?.phase !== 'open' || value.arriving || value.pending > 0) return
        stop()
        resolve()
      }
      const stop = sync.subscribe(look)
      look()
    }),

  edit: (item, mark) => update(item, (draft) => Object.assign(draft, editOf(mark))),
  valuesOfEdit: () => newestValues(`skerry:${NAME}`, ['heads', 'spares', 'bodies']),
  numberOf: ({ id }) => numberOf(id),
  read: asFieldRecord,
})
