/** TypeScript entries for a page or a worker, bundled as an app's would be: `NAME.js` for each, with workers, WebAssembly and other assets beside them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'vite'

export interface BuiltOptions {
  /** Name → path of a TypeScript file. Page entries call `exposed` (@skerry/browser-test/page). */
  entries: Readonly<Record<string, string>>
  /** Default: readable, with source maps. */
  minify?: boolean
  /** Constants for the code, as vite's `define`. */
  define?: Readonly<Record<string, string>>
}

export interface Built extends AsyncDisposable {
  folder: string
  remove(): Promise<void>
}

/** What a suite imports from `vitest` is, in a page, this. */
const VITEST_IN_PAGE = fileURLToPath(new URL('./page/suite.ts', import.meta.url))

export async function built({ entries, minify = false, define = {} }: BuiltOptions): Promise<Built> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-built-'))
  await build({
    configFile: false,
    envFile: false,
    root: join(import.meta.dirname, '../../..'),
    publicDir: false,
    logLevel: 'error',
    define: { ...define },
    plugins: [wholeEngine],
    resolve: { alias: [{ find: /^vitest$/, replacement: VITEST_IN_PAGE }] },
    worker: { format: 'es' },
    build: {
      outDir: folder,
      target: 'esnext',
      minify,
      sourcemap: !minify,
      modulePreload: false,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: Number.POSITIVE_INFINITY,
      rolldownOptions: {
        input: { ...entries },
        // An entry's exports are nobody's here, but its effects are all there is.
        preserveEntrySignatures: false,
        output: { entryFileNames: '[name].js' },
      },
    },
  })
  const remove = () => rm(folder, { recursive: true, force: true })
  return { folder, remove, [Symbol.asyncDispose]: remove }
}

/**
 * Whoever imports the engine whole, as automerge-repo does, gets the build that carries its WebAssembly as text: the one for bundlers imports the file as a module, which vite cannot.
 */
const wholeEngine: Plugin = {
  name: 'whole-engine',
  enforce: 'pre',
  async resolveId(source, importer) {
    if (source !== '@automerge/automerge') return undefined
    const slim = await this.resolve('@automerge/automerge/slim', importer)
    return slim?.id.replace(/slim\.js$/, 'fullfat_base64.js')
  },
}
