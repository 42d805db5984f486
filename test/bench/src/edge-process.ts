/** An edge that is measured: a replica on SQLite that syncs with the hub over a WebSocket. */
import { setTimeout as elapsed } from 'node:timers/promises'
import type { Replica, Session } from '@skerry/core'
import { openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { connect, type Link } from '@skerry/ws'
import { inStep } from './in-step.ts'
import { queryable } from './queryable.ts'
import { serve } from './serve.ts'
import { together } from './together.ts'
import { collections, editVisit, newVisit, REGION, SPACE, visitId } from './visits.ts'

let replica: Replica<typeof collections>
let store: string
let link: Link<Session> | undefined
let session: Session | undefined
let isWorking = false

/** Bytes of all records as JSON. */
async function countViewBytes(): Promise<number> {
  let bytes = 0
  for (const name of Object.keys(collections))
    for (const record of await replica.collection(name).all())
      bytes += Buffer.byteLength(JSON.stringify(record))
  return bytes
}

/** Records of all collections that queries find. */
async function countRecords(): Promise<number> {
  const counts = Object.keys(collections).map((name) => replica.collection(name).where({}).count())
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
}

const commands = {
  async open(path: string) {
    store = path
    replica = await openReplica({ store: sqliteStore({ path }), collections, space: SPACE })
    return replica.publicKey
  },

  /** Opens the same store again: nothing is loaded then. */
  async reopen() {
    await replica.close()
    replica = await openReplica({ store: sqliteStore({ path: store }), collections, space: SPACE })
  },

  async enrol(token: string) {
    await replica.setCredential(token)
  },

  /**
   * Connects and resolves when everything is durable and acknowledged on both sides. Milliseconds from the beginning: `connectMs` until the WebSocket was open, `queryableMs` until a
   * query had found `found` records, as soon as the session said that all can be queried; `toldMs` until the last change from the hub was durable here, `ms` until all was.
   */
  async sync(url: string) {
    const startedMs = performance.now()
    let openedMs = startedMs
    let toldMs = startedMs
    link = connect(replica, url)
    const stopLink = link.subscribe(({ phase }) => {
      if (phase === 'handshake') openedMs = performance.now()
    })
    const stopCommits = replica.onCommit(({ changes }) => {
      if (changes.length > 0) toldMs = performance.now()
    })
    const looked = queryable(link)
      .then(countRecords)
      .then((found) => ({ found, queryableMs: performance.now() - startedMs }))
    session = await inStep(link)
    const endedMs = performance.now()
    const { found, queryableMs } = await looked
    stopLink()
    stopCommits()
    return {
      connectMs: openedMs - startedMs,
      found,
      queryableMs,
      toldMs: toldMs - startedMs,
      ms: endedMs - startedMs,
      ...session.counters,
    }
  },

  /** Compares all with the hub, as a check. */
  audit: () => session?.audit(),

  async disconnect() {
    await link?.close()
    link = undefined
    session = undefined
  },

  /** What is here: records that queries find, entries not acknowledged, and the whole log in entries and bytes. */
  async contents() {
    const { unacknowledged, unverified } = await replica.stats()
    let [after, entries, bytes] = [0, 0, 0]
    for (;;) {
      const page = await replica.session.readLog(after, { entries: 4_096, bytes: 1024 * 1024 })
      if (page.length === 0)
        return {
          records: await countRecords(),
          viewBytes: await countViewBytes(),
          unverified,
          unacknowledged,
          entries,
          bytes,
        }
      after = page.at(-1)!.seq
      entries += page.length
      for (const entry of page) bytes += entry.bytes.length
    }
  },

  /** Makes `edits` edits over these visits in turn, durable here. */
  async edit({ ids, edits, mark }: { ids: string[]; edits: number; mark: number }) {
    const startedMs = performance.now()
    await together(edits, (number) =>
      replica.visits.update(ids[number % ids.length]!, (draft) => editVisit(draft, mark + number)),
    )
    return performance.now() - startedMs
  },

  create: ({ first, count, region = REGION }: { first: number; count: number; region?: string }) =>
    together(count, (number) =>
      replica.visits.create({ ...newVisit(first + number), region }, { id: visitId(first + number) }),
    ),

  /** One edit; gives the moment it began, in nanoseconds of the clock that all processes of a machine share. */
  async editOne({ id, mark }: { id: string; mark: number }) {
    const began = process.hrtime.bigint()
    await replica.visits.update(id, (draft) => editVisit(draft, mark))
    return began
  },

  /** Edits the hours of the first visits in turn, so many a second, until `stopWork`. @returns edits made */
  async work({ count, perSecond }: { count: number; perSecond: number }) {
    isWorking = true
    let edits = 0
    const startedMs = performance.now()
    while (isWorking) {
      await replica.visits.update(visitId(edits % count), (draft) => {
        draft.hours = edits
      })
      edits += 1
      await elapsed(Math.max(0, startedMs + (edits * 1_000) / perSecond - performance.now()))
    }
    return edits
  },

  stopWork: () => {
    isWorking = false
  },

  /** Resolves when the next commit brought a change of a visit, with that moment. */
  arrival: () =>
    new Promise<bigint>((resolve) => {
      const stop = replica.onCommit(({ changes }) => {
        if (changes.length === 0) return
        stop()
        resolve(process.hrtime.bigint())
      })
    }),

  /** A pause, for what follows an event without being waited for. */
  rest: (ms: number) => elapsed(ms),

  async close() {
    await link?.close()
    await replica.close()
  },
}

export type EdgeCommands = typeof commands

serve(commands)
