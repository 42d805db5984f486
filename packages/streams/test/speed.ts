/** Prints what the codec costs on this machine: `npm run speed`. Bytes a reading, and readings a second on one core. */

import { nodeCompressor } from '../src/compressor-node.ts'
import { SEAL_POLICY_DEFAULT, Sealer } from '../src/sealer.ts'
import { decodeSegment, encodeSegment, type Readings } from '../src/segment.ts'
import { SEATTLE_SERIES, seattleReadings } from './seattle.ts'
import { seededRandom } from './seeded-random.ts'

const MEASURE_MS = 500
const random = seededRandom(1)

function generated(count: number, time: (i: number) => number, value: (i: number) => number): Readings {
  const indexes = Float64Array.from({ length: count }, (_, i) => i)
  return { times: indexes.map(time), values: indexes.map(value) }
}

const beat = (i: number) => 1_700_000_000_000 + i * 1_000
const jittered = (i: number) => beat(i) + Math.floor(random() * 5)
let walk = 20
const step = () => {
  walk += random() - 0.5
  return walk
}

const inputs: Record<string, Readings> = {
  ...Object.fromEntries(SEATTLE_SERIES.map((series) => [`seattle ${series}`, seattleReadings(series)])),
  'two decimals, 65,536': generated(65_536, beat, () => Math.round(step() * 100) / 100),
  'two decimals, jitter': generated(65_536, jittered, () => Math.round(step() * 100) / 100),
  'two decimals, gaps': generated(65_536, beat, (i) =>
    i % 50 ? Math.round(step() * 100) / 100 : Number.NaN,
  ),
  'float32, 65,536': generated(65_536, beat, () => Math.fround(step())),
  'full floats, 65,536': generated(65_536, beat, step),
  'full floats, jitter': generated(65_536, jittered, step),
  'two decimals, 60': generated(60, beat, () => Math.round(step() * 100) / 100),
}

function readingsPerSecond(count: number, run: () => unknown): number {
  run()
  const start = performance.now()
  let rounds = 0
  while (performance.now() - start < MEASURE_MS) {
    run()
    rounds += 1
  }
  return (rounds * count * 1_000) / (performance.now() - start)
}

for (const [name, readings] of Object.entries(inputs)) {
  const segment = { stream: 'gw-1/sensor', number: 1, ...readings }
  const count = readings.times.length
  const bytes = encodeSegment(segment, nodeCompressor)
  const encode = readingsPerSecond(count, () => encodeSegment(segment, nodeCompressor))
  const decode = readingsPerSecond(count, () => decodeSegment(bytes, nodeCompressor))
  const millions = (rate: number) => `${(rate / 1e6).toFixed(1).padStart(6)} M/s`
  console.log(
    `${name.padEnd(22)} ${String(bytes.length).padStart(7)} bytes, ${(bytes.length / count).toFixed(3)} a reading,` +
      ` encode ${millions(encode)}, decode ${millions(decode)}, encoding ${bytes[37]}`,
  )
}

const sealed = readingsPerSecond(65_536, () => {
  const sealer = new Sealer('gw-1/sensor', { ...SEAL_POLICY_DEFAULT, readingsMax: 65_536 })
  for (let i = 0; i < 65_536; i += 1) sealer.append(i, i)
  return sealer.seal()
})
console.log(`append and seal        ${(sealed / 1e6).toFixed(1)} M/s`)
