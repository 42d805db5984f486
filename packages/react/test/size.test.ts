/** What the hooks and the observables under them cost a page, minified and compressed, beside core, React and zod. */
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'
import { expect, test } from 'vitest'

/** Bytes; the whole of core, store, transport and these may have 40 KB. */
const PAGE_BYTES_MAX = 5_000
const ENTRY = '\0page'

async function compressedBytes(code: string): Promise<number> {
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    root: import.meta.dirname,
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === 'page' ? ENTRY : undefined),
        load: (id) => (id === ENTRY ? code : undefined),
      },
    ],
    build: {
      write: false,
      minify: true,
      rolldownOptions: {
        input: 'page',
        preserveEntrySignatures: 'strict',
        external: ['react', /^@skerry\/core/, 'zod'],
      },
    },
  })
  const { output: chunks } = output as Rolldown.RolldownOutput
  return gzipSync(chunks.map((chunk) => ('code' in chunk ? chunk.code : '')).join('')).length
}

test(`all of @skerry/react with what it uses of @skerry/live is below ${PAGE_BYTES_MAX} bytes`, async () => {
  const bytes = await compressedBytes(
    `export * from ${JSON.stringify(`${import.meta.dirname}/../src/index.ts`)}`,
  )
  expect(bytes).toBeGreaterThan(1_000)
  expect(bytes).toBeLessThan(PAGE_BYTES_MAX)
})
