// One configuration for every test of the workspace. Tests stand beside their source, or in a package's test/ when they need more
// than one file. Two workers, because that is what a small machine has and timing tests suffer beyond it; forks, because
// better-sqlite3 and the CRDT engine are native and a crash must take only one file with it.

import { join } from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'

/**
 * Milliseconds. What starts real processes and browsers takes up to half a minute where two of them do at once, on a machine of two cores
 * that has other work, too; only what hangs takes longer than this.
 */
const TEST_MS_MAX = 90_000

export default defineConfig({
  test: {
    include: ['{packages,apps}/*/{src,test}/**/*.test.{ts,tsx}', 'test/*/**/*.test.ts'],
    // Those want real systems, and minutes: vitest.systems.config.ts.
    // `npm run trial` wants the registry.
    exclude: [...configDefaults.exclude, 'test/systems/**', '**/*.systems.test.ts', '**/*.trial.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: TEST_MS_MAX,
    hookTimeout: TEST_MS_MAX,
    // Tests start some hundred processes that load the same sources: stripped and compiled once, not by each.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compile') },
  },
})
