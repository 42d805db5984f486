/** Entries bundled as an app's build would, without what the app brings anyway: the engine, zod, React. */
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'

/** Bytes. */
export interface Size {
  minified: number
  gzip: number
}

const BROUGHT_BY_APPS = [/^@automerge\/automerge/, /^zod/, /^react/]
const GZIP_LEVEL = 9

async function chunksOf(entry: string, isSplit: boolean): Promise<Rolldown.OutputChunk[]> {
  const built = await build({
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'esnext',
      minify: true,
      modulePreload: false,
      rolldownOptions: {
        input: { entry },
        external: BROUGHT_BY_APPS,
        preserveEntrySignatures: 'allow-extension',
        ...(isSplit
          ? {
              output: {
                codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: partOf }] },
              },
            }
          : {}),
      },
    },
  })
  const [{ output }] = [built].flat() as [Rolldown.RolldownOutput]
  return output.filter((one) => one.type === 'chunk')
}

/** All that an entry needs to start, and what is loaded later, only where a browser lacks something. */
export async function sizesOf(entry: string): Promise<{ start: Size; later: Size }> {
  const all = await chunksOf(entry, false)
  const chunks = new Map(all.map((chunk) => [chunk.fileName, chunk]))
  const needed = new Set([...chunks.values()].filter(({ isEntry }) => isEntry))
  for (const { imports } of needed)
    for (const name of imports) {
      const chunk = chunks.get(name)
      if (chunk) needed.add(chunk)
    }
  return { start: sizeOfAll([...needed]), later: sizeOfAll(all.filter((chunk) => !needed.has(chunk))) }
}

/** The same by package, each by itself: together they are somewhat more than the whole, which compresses better. */
export async function sizesByPart(entry: string): Promise<Map<string, Size>> {
  const chunks = await chunksOf(entry, true)
  return new Map(
    chunks.filter(({ name }) => name !== 'entry').map((chunk) => [chunk.name, sizeOfAll([chunk])]),
  )
}

function sizeOfAll(chunks: readonly Rolldown.OutputChunk[]): Size {
  const code = chunks.map((chunk) => chunk.code).join('\n')
  return { minified: Buffer.byteLength(code), gzip: gzipSync(code, { level: GZIP_LEVEL }).length }
}

/** The package that a module is of; of core, its folder. */
function partOf(id: string): string {
  const [, core] = /packages\/core\/src\/(\w+)/.exec(id) ?? []
  if (core !== undefined) return `core/${core}`
  const [, ours] = /packages\/([\w-]+)\/src/.exec(id) ?? []
  if (ours !== undefined) return ours
  const others = [...id.matchAll(/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)/g)]
  return others.at(-1)?.[1] ?? 'entry'
}
