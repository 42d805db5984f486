/** The hub that is measured, started as any other. */
import { type Records, toHex } from '@skerry/core'
import { SeededRandom } from '@skerry/core/testing'
import { type Hub, type HubSettings, startHub } from '@skerry/hub'
import { serve } from './serve.ts'
import { together } from './together.ts'
import { collections, editVisit, newVisit, SPACE, type Visit, visitId } from './visits.ts'

const DAY_MS = 86_400_000

let hub: Hub

/** A crowd of one process is let in as fast as it comes; who measures the door sets it. */
const admissions = { perSecond: 100_000, burst: 100_000 }

async function start(store: string, settings: Pick<HubSettings, 'accept' | 'admissions'>) {
  hub = await startHub(
    { space: SPACE, collections },
    { port: 0, store, logLevel: 'error', drainMs: 500, ...settings },
  )
  return { url: hub.syncUrl, head: hub.replica.head }
}

interface Grant {
  publicKey: Uint8Array
  subject: string
  channels: string[]
  /** That an adapter node bridges. */
  systems?: string[]
}

const visits = () => hub.replica.collection('visits') as unknown as Records<Visit>

const commands = {
  open: (store: string) => start(store, { admissions }),

  /** With the door that every hub has. */
  openWithDoor: (store: string) => start(store, {}),

  /** A copy of another hub's store: it becomes a log of its own, whose cursors nobody has. */
  openCopy: (store: string) => start(store, { accept: 'copy', admissions }),

  issue({ publicKey, subject, channels, systems = [] }: Grant) {
    const expiresAt = Date.now() + DAY_MS
    return hub.issue({ subject, publicKey, read: channels, write: channels, systems, expiresAt })
  },

  /** Writes the visits `first` to `first + count - 1`. */
  create: ({ first, count }: { first: number; count: number }) =>
    together(count, (number) => visits().create(newVisit(first + number), { id: visitId(first + number) })),

  /** Writes `count` visits of this region, with notes of so many characters that do not shrink. */
  createIn({ region, count, characters }: { region: string; count: number; characters: number }) {
    const random = new SeededRandom(1)
    return together(count, (number) => {
      const notes = toHex(random.bytes(characters / 2))
      return visits().create({ ...newVisit(number), region, notes }, { id: `${region}-${number}` })
    })
  },

  async createWithText(count: number) {
    const records = hub.replica.collection('visits_with_text')
    await together(count, (number) =>
      records.create({ ...newVisit(number), parts: [{ id: 'seal', used: 1 }] }, { id: visitId(number) }),
    )
  },

  /** Edits each of these visits `edits` times. */
  edit: ({ ids, edits, mark }: { ids: string[]; edits: number; mark: number }) =>
    together(ids.length, async (number) => {
      for (let edit = 0; edit < edits; edit++)
        await visits().update(ids[number]!, (draft) => editVisit(draft, mark * edits + edit))
    }),

  /** Brings the sums of its records up to date, as the first comparison would. */
  count: () => hub.replica.session.digests.catchUp(),

  close: () => hub.close(),
}

export type HubCommands = typeof commands

serve(commands)
