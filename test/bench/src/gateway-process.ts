/** A gateway that is measured: it writes streams, durable here, while it passes them on to the hub. */
import type { Replica } from '@skerry/core'
import { openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { openStreams, segmentKind } from '@skerry/streams'
import { nodeCompressor as compressor } from '@skerry/streams/node'
import { connect } from '@skerry/ws'
import { inStep } from './in-step.ts'
import { serve } from './serve.ts'
import { SPACE } from './visits.ts'

const STREAMS = 4
/** Readings between two flushes: what a gateway of 10,000 readings a second does every few seconds. */
const READINGS_PER_FLUSH = 65_536
const START_MS = 1_767_225_600_000
/** Milliseconds between two readings of a stream. */
const STEP_MS = 100

let replica: Replica<Record<never, never>>
let written = 0

/** A temperature that wanders, in hundredths of a degree: always the same series. */
const values = Float64Array.from({ length: READINGS_PER_FLUSH }, (_, number) => {
  const wave = 20 + 6 * Math.sin(number / 900) + 1.3 * Math.sin(number / 37) + 0.4 * Math.sin(number * 1.7)
  return Math.round(wave * 100) / 100
})

const commands = {
  async open(path: string) {
    replica = await openReplica({
      store: sqliteStore({ path }),
      collections: {},
      space: SPACE,
      kinds: { segment: segmentKind({ compressor }) },
    })
    return replica.publicKey
  },

  async enrol(token: string) {
    await replica.setCredential(token)
  },

  /** Appends readings while connected; resolves when all are durable here and at the hub. */
  async send({ url, readings }: { url: string; readings: number }) {
    const link = connect(replica, url)
    const session = await inStep(link)
    const before = { ...session.counters }
    const streams = await openStreams(replica, { compressor })
    const startedMs = performance.now()
    for (let done = 0; done < readings; done += READINGS_PER_FLUSH) {
      for (let i = 0; i < READINGS_PER_FLUSH; i += 1)
        streams.append(
          `gw-1/${i % STREAMS}`,
          START_MS + Math.floor((written + i) / STREAMS) * STEP_MS,
          values[i]!,
        )
      written += READINGS_PER_FLUSH
      await streams.flush()
    }
    const writtenMs = performance.now() - startedMs
    await inStep(link)
    const ms = performance.now() - startedMs
    const bytesOut = session.counters.bytesOut - before.bytesOut
    const segments = session.counters.entriesOut - before.entriesOut
    await streams.close()
    await link.close()
    return { ms, writtenMs, bytesOut, segments }
  },

  close: () => replica.close(),
}

export type GatewayCommands = typeof commands

serve(commands)
