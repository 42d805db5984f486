/** The parts of the benchmark, each with its size at full scale. */
import { startEngine } from '@skerry/node'
import { Bench } from '../bench.ts'
import { full } from '../scale.ts'
import { backfill } from './backfill.ts'
import { calls } from './calls.ts'
import { faults } from './faults.ts'
import type { BridgeFigure } from './figure.ts'
import { latency } from './latency.ts'
import { rings } from './ring.ts'

const LATENCY = { edits: 400, records: 1_000, load: { here: 100, there: 20 } }
/** Fewer records would be another work: the same ones edited again and again. */
const RECORDS_MIN = 200
const CHANGES = 1_000_000
const RECORDS = 1_000_000
const SCATTERED_EDITS = 1_000
const RING_SEEDS = 200

export interface PartOptions {
  /** For stores; it is emptied by whoever made it. */
  folder: string
  /** Share of everything. */
  scale: number
  say: (line: string) => void
  /** Folder for a CPU profile. */
  profile?: string | undefined
}

export const parts: Record<string, (options: PartOptions) => Promise<BridgeFigure[]>> = {
  async calls({ scale, say }) {
    await startEngine()
    return calls(scale, say)
  },
  latency({ folder, scale, say }) {
    const bench = new Bench({ folder, scale: full, profiles: folder, say })
    const { edits, records, load } = LATENCY
    const scaled = { here: sized(load.here, scale), there: sized(load.there, scale) }
    return latency(
      bench,
      { edits: sized(edits, scale), records: Math.max(RECORDS_MIN, sized(records, scale)), load: scaled },
      say,
    )
  },
  faults: ({ scale, say }) => faults(sized(CHANGES, scale), say),
  backfill: ({ folder, scale, say, profile }) =>
    backfill(folder, { records: sized(RECORDS, scale), edits: sized(SCATTERED_EDITS, scale) }, say, profile),
  async ring({ scale, say }) {
    await startEngine()
    return rings(sized(RING_SEEDS, scale), say)
  },
}

function sized(count: number, scale: number): number {
  return Math.max(1, Math.round(count * scale))
}
