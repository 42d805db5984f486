// One configuration for every test of the workspace. Tests stand beside their source, or in a package's test/ when they need more
// than one file. Two workers, because that is what a small machine has and timing tests suffer beyond it; forks, because
// better-sqlite3 and the CRDT engine are native, and a crash must take only one file with it: whatever comes next gets a new process.
// A process runs one file after the other, since most of a short test's time is what it loads; a file that needs one of its own is
// in ALONE.

import { join } from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'

/**
 * Milliseconds. What starts real processes and browsers takes up to half a minute where two of them do at once, on a machine of two cores
 * that has other work, too; only what hangs takes longer than this.
 */
const TEST_MS_MAX = 90_000

const TESTS = ['{packages,apps}/*/{src,test}/**/*.test.{ts,tsx}', 'test/*/**/*.test.ts']

// Those want real systems, and minutes: vitest.systems.config.ts.
// `npm run trial` wants the registry.
const ELSEWHERE = [...configDefaults.exclude, 'test/systems/**', '**/*.systems.test.ts', '**/*.trial.test.ts']

/** Files that get a process of their own, because they change or measure what their process shares. */
const ALONE = [
  // They start browsers, servers and processes: their time is not the time to load modules, and what they leave ends with them.
  'apps/{demo,field,systems}/test/**/*.test.ts',
  'packages/{browser,cli,create-skerry,hub,lan,store-idb,tabs}/test/**/*.test.ts',
  'packages/blobs/test/browser.test.ts',
  'test/{browser,faults,readme}/**/*.test.ts',
  'test/bench/**/{herd,measure,smoke}.test.ts',
  // They stop the clock of their process, for whatever else is in it.
  'apps/field/src/sync/portal.test.ts',
  'packages/live/test/observables.test.ts',
  // They mock a module, which has to come before anything loads it.
  'packages/adapter-*/test/**/*.test.ts',
  'packages/bridge/src/contract/**/*.test.ts',
  'packages/blobs/test/power-loss.test.ts',
  'test/adapter-guide/**/*.test.ts',
  // They have a page of their own.
  '{packages,apps}/*/{src,test}/**/*.test.tsx',
  'packages/devtools/test/panel.test.ts',
  // The engine starts once in a process: they tell what happens before.
  'packages/core/src/replica/intents.test.ts',
  'packages/{browser,node}/src/{engine,host}.test.ts',
  // They measure the memory of the process.
  'packages/node/src/trial/worker-trial.test.ts',
  'packages/ws/src/faults.test.ts',
  // They change what the process does with errors and new files.
  'packages/ws/src/link.test.ts',
  'packages/store-sqlite/test/owner-only.test.ts',
]

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE, exclude: ELSEWHERE } },
      {
        extends: true,
        test: { name: 'together', include: TESTS, exclude: [...ELSEWHERE, ...ALONE], isolate: false },
      },
    ],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: TEST_MS_MAX,
    hookTimeout: TEST_MS_MAX,
    // Tests start some hundred processes that load the same sources: stripped and compiled once, not by each.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compile') },
  },
})
