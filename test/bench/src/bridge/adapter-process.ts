/**
 * The adapter node of a latency: a replica that syncs with the hub, and beside it either a bridge or the naive way, on a system whose calls take as long as they are told to. It tells when each edit of the urgent
 * field was accepted.
 */
import { setTimeout as elapsed } from 'node:timers/promises'
import { type Adapter, type Bridge, startBridge, type WriteAnswer } from '@skerry/bridge'
import type { JsonObject, Replica, Session } from '@skerry/core'
import { nodeHost, openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { connect, type Link } from '@skerry/ws'
import { inStep } from '../in-step.ts'
import { serve } from '../serve.ts'
import { collections, SPACE } from '../visits.ts'
import { StandIn } from './stand-in.ts'

const POLL_MS = 2_000
const BATCH = 200
/** Calls of the naive way at once, as the bridge's default. */
const NAIVE_CALLS = 4
const SYSTEM = 'crm'

let replica: Replica<typeof collections>
let link: Link<Session>
let system: StandIn
let bridge: Bridge | undefined
let stopNaive: (() => void) | undefined
/** Called when an edit of the urgent field was accepted. */
let accepted: (() => void) | undefined

function hear(fields: JsonObject, answer: WriteAnswer): void {
  if (answer.kind !== 'done' || fields.Notes === undefined) return
  accepted?.()
  accepted = undefined
}

/** Hears of every write that was answered. */
function heard(adapter: Adapter): Adapter {
  const { writeMany } = adapter
  return {
    ...adapter,
    async upsert(type, request, call) {
      const answer = await adapter.upsert(type, request, call)
      hear(request.fields, answer)
      return answer
    },
    ...(writeMany && {
      async writeMany(type, writes, call) {
        const answers = await writeMany(type, writes, call)
        for (const [i, write] of writes.entries())
          if (write.action === 'upsert') hear(write.fields, answers[i]!)
        return answers
      },
    }),
  }
}

/** First in, first out: a call for each change, with the field that it changed. */
function pushInTurn(adapter: Adapter): () => void {
  const queue: { id: string; fields: JsonObject }[] = []
  let calls = 0
  const { signal } = new AbortController()
  const next = async (): Promise<void> => {
    const one = queue.shift()
    if (!one || calls >= NAIVE_CALLS) {
      if (one) queue.unshift(one)
      return
    }
    calls += 1
    const request = { externalId: one.id, fields: one.fields, idempotencyKey: '', restore: false }
    await adapter.upsert('visits', request, { signal })
    calls -= 1
    void next()
  }
  return replica.onCommit(({ changes }) => {
    for (const { record, before, after } of changes) {
      if (before === undefined || after === undefined) continue
      const fields: JsonObject = {
        ...(after.notes !== before.notes && { Notes: after.notes! }),
        ...(after.hours !== before.hours && { Hours: after.hours! }),
      }
      queue.push({ id: record, fields })
      void next()
    }
  })
}

const commands = {
  async open({ path, apiMs }: { path: string; apiMs: number }) {
    replica = await openReplica({ store: sqliteStore({ path }), collections, space: SPACE })
    system = new StandIn({
      name: SYSTEM,
      now: () => Date.now(),
      onTheWay: () => elapsed(apiMs / 2),
      batch: BATCH,
      replays: false,
    })
    return replica.publicKey
  },

  async enrol(token: string) {
    await replica.setCredential(token)
  },

  async sync(url: string) {
    link = connect(replica, url)
    await inStep(link)
  },

  /** Every visit has its row when this resolves. */
  async bridge() {
    bridge = await startBridge({
      replica,
      adapter: heard(system.adapter()),
      host: nodeHost(),
      pollIntervalMs: POLL_MS,
      mappings: [
        {
          collection: 'visits',
          type: 'visits',
          fields: {
            title: 'Title',
            customer: 'Customer',
            region: 'Region',
            status: 'Status',
            hours: 'Hours',
            notes: { field: 'Notes', urgent: true },
          },
        },
      ],
    })
    await bridge.pollNow()
    await bridge.idle()
    return system.rows().length
  },

  /** Ends the bridge, and goes on the naive way. */
  async goNaive() {
    await bridge?.close()
    stopNaive = pushInTurn(heard(system.adapter()))
  },

  /** Edits by people there, so many a second, until the process is closed. */
  editThere({ perSecond }: { perSecond: number }) {
    const ids = system.rows().map(({ id }) => id)
    let edits = 0
    setInterval(() => {
      edits += 1
      system.edit(ids[(edits * 7) % ids.length]!, { Customer: `customer ${edits}` })
    }, 1_000 / perSecond)
  },

  /** The moment at which the next edit of the urgent field was accepted, in nanoseconds of the clock that all processes of a machine share. */
  accepted: () =>
    new Promise<bigint>((resolve) => {
      accepted = () => resolve(process.hrtime.bigint())
    }),

  counted: () => ({ ...system.counted, waiting: bridge?.stats().open ?? 0 }),

  async close() {
    stopNaive?.()
    await bridge?.close()
    await link.close()
    await replica.close()
  },
}

export type AdapterCommands = typeof commands

serve(commands)
