/** What the hub is told; the `skerry` command reads it too (`npx skerry --help`). */
import { defineConfig } from '@skerry/cli'
import { collections } from './src/collections.ts'

export default defineConfig({
  space: 'my-app',
  collections,
  hub: {
    port: Number(process.env.PORT ?? 7070),
    store: 'hub.db',
    app: 'dist',
    logLevel: 'error',
    drainMs: 1_000,
  },
})
