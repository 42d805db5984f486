/** What a simulated network may be. */
import { LiveError, type SimulatedNetwork } from '@skerry/live'

/** Bytes a second: an old modem has 300; above 100 MB nothing is slow. */
const BYTES_PER_SECOND_MIN = 50
const BYTES_PER_SECOND_MAX = 100_000_000
/** Milliseconds: a satellite has 600; what takes a minute has long been given up above. */
const DELAY_MS_MAX = 60_000
/** Milliseconds that a line stays up, or down. */
const FLAP_MS_MIN = 100
const FLAP_MS_MAX = 3_600_000

/** @throws LiveError `invalid`, with the number and its bounds */
export function checkNetwork(network: SimulatedNetwork): void {
  if (network.kind === 'slow') {
    within('bytesPerSecond', network.bytesPerSecond, BYTES_PER_SECOND_MIN, BYTES_PER_SECOND_MAX)
    within('delayMs', network.delayMs, 0, DELAY_MS_MAX)
  } else if (network.kind === 'flap') {
    within('upMs', network.upMs, FLAP_MS_MIN, FLAP_MS_MAX)
    within('downMs', network.downMs, FLAP_MS_MIN, FLAP_MS_MAX)
  }
}

function within(name: string, value: number, min: number, max: number): void {
  if (Number.isFinite(value) && value >= min && value <= max) return
  const words = `a simulated network with ${name} ${value}: give a number from ${min} to ${max}`
  throw new LiveError('LiveError', 'invalid', words)
}
