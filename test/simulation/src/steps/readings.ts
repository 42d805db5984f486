/** What a gateway's sensors do, and what the gateway was promised: readings that a resolved flush came after. */
import type { Random } from '../machine/random.ts'
import type { Process } from '../nodes/process.ts'
import { expected } from './visit-edits.ts'

export interface Measured {
  stream: string
  /** Readings appended by this node under this name, and how many of them are surely durable there. */
  readings: number
  flushed: number
  newestMs: number
  /** The process that appends: what an earlier one had not flushed may be lost. */
  run: number
}

export type Measurements = Map<string, Measured>

const READINGS_MOST = 20

export async function measure(
  process: Process,
  random: Random,
  measurements: Measurements,
  tell: (line: string) => void,
): Promise<void> {
  const { streams, node } = process
  if (!streams) return
  const stream = `gw/t${node.disk.streamEpoch}`
  const measured = measurements.get(stream) ?? { stream, readings: 0, flushed: 0, newestMs: 0, run: 0 }
  measurements.set(stream, measured)
  if (measured.run !== node.runs) Object.assign(measured, { run: node.runs, readings: measured.flushed })
  const count = 1 + random.below(READINGS_MOST)
  tell(`${node.name} measures ${count} times`)
  for (let i = 0; i < count; i++) {
    measured.newestMs = Math.max(measured.newestMs + 1, node.clock.nowMs)
    streams.append(stream, measured.newestMs, random.below(1_000) / 10)
    measured.readings += 1
  }
  if (random.chance(0.5)) return
  const { readings } = measured
  await streams.flush().then(() => {
    measured.flushed = Math.max(measured.flushed, readings)
  }, expected)
}
