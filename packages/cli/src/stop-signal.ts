/** Resolves with the first signal to stop. A second one ends the process at once: whoever sends it has lost patience. */
import { exitCodes } from './exit-code.ts'

export const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const

export function stopSignal(): Promise<(typeof STOP_SIGNALS)[number]> {
  return new Promise((resolve) => {
    let told = false
    for (const signal of STOP_SIGNALS) {
      process.on(signal, () => {
        if (told) process.exit(exitCodes.failure)
        told = true
        resolve(signal)
      })
    }
  })
}
