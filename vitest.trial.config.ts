// Tests that want a package registry: `npm run trial`. They are what somebody outside of this workspace would see.

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.trial.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
  },
})
