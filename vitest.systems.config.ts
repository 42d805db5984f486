// Tests against real systems: `npm run test:systems`. They take minutes and want Debian packages, so they stand apart from `npm test`; .ci/run runs both.

import { defineConfig } from 'vitest/config'

/** Milliseconds. A call of an ERP takes milliseconds, starting it some seconds, both many times that on a machine that others use. */
const TEST_MS_MAX = 120_000

export default defineConfig({
  test: {
    include: ['test/systems/**/*.test.ts', 'apps/*/test/**/*.systems.test.ts'],
    globalSetup: ['test/systems/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: TEST_MS_MAX,
    hookTimeout: TEST_MS_MAX,
  },
})
