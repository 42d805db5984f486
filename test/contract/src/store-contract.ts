/**
 * The contract of the store port: every guarantee by its name, every sentence of the port's docs, and random runs against a naive
 * model. A store that passes may carry a replica. What only the machine can show (SIGKILL, a full disk, a flipped bit) each store
 * tests for itself.
 */
import { describe } from 'vitest'
import type { Setup } from './bench.ts'
import { channelReadTests } from './channel-reads.ts'
import { copyingTests } from './copying.ts'
import { guaranteeTests } from './guarantees.ts'
import { logReadTests } from './log-reads.ts'
import { randomRunTests } from './random-runs.ts'
import { channelRowTests, rowTests, tableTests } from './rows.ts'

/** Registers the suite with vitest under `name`. `setup` is called for every test and gives it a new, empty durable state. */
export function runStoreContract(name: string, setup: Setup): void {
  describe(`store contract: ${name}`, () => {
    guaranteeTests(setup)
    copyingTests(setup)
    logReadTests(setup)
    channelReadTests(setup)
    rowTests(setup)
    channelRowTests(setup)
    tableTests(setup)
    randomRunTests(setup)
  })
}
