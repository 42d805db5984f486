/** The pages of the contenders, built as an app's would be: minified, with workers and WebAssembly beside them. */
import { join } from 'node:path'
import { type Built, built } from '@skerry/browser-test'
import type { BrowserContender } from './contender.ts'

const bench = join(import.meta.dirname, '..')

export function builtPages(contenders: readonly BrowserContender[]): Promise<Built> {
  const entries = Object.fromEntries(contenders.map(({ name, page }) => [name, join(bench, page)]))
  return built({ entries, minify: true })
}
