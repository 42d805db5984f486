/**
 * All packages compiled in one run of the compiler, without looking at types once more (`npm run check` does): Node strips types only outside of node_modules, so what is published has to be
 * JavaScript. Specifiers are rewritten by the compiler; `new URL('./x.ts', import.meta.url)`, by which a worker thread is found, is none, and rewritten here.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SOURCE_FOLDER } from './manifest.ts'

const WORKER_URL = /(new URL\(\s*['"]\.{1,2}\/[^'"]+)\.tsx?(['"],\s*import\.meta\.url)/g

/** `<into>/<package>/src/…`. @throws Error with what the compiler said */
export function compilePackages(root: string, into: string): void {
  const packages = join(root, 'packages')
  const config = join(into, 'tsconfig.json')
  writeFileSync(config, JSON.stringify(compilerConfig(root, into)))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`compiling ${packages}: tsc ended with ${status}:\n${stdout}${stderr}`)
  for (const file of readdirSync(into, { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.js')) rewriteWorkers(join(into, file))
}

function compilerConfig(root: string, into: string): object {
  const packages = join(root, 'packages')
  return {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      rootDir: packages,
      outDir: into,
      noEmit: false,
      noCheck: true,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      stripInternal: true,
      lib: ['ES2024', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
      jsx: 'react-jsx',
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: [join(packages, `*/${SOURCE_FOLDER}`)],
    exclude: ['test', 'test-support'].map((kind) => join(packages, `**/*.${kind}.*`)),
  }
}

function rewriteWorkers(file: string): void {
  const text = readFileSync(file, 'utf8')
  const rewritten = text.replace(WORKER_URL, '$1.js$2')
  if (rewritten !== text) writeFileSync(file, rewritten)
}
