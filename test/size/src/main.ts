/** `npm run size`: what an app pays for Skerry beside the CRDT engine, by package. Ends with 1 above the limits, one line for each. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { commandLine } from '@skerry/command-line'
import { type Size, sizesByPart, sizesOf } from './bundle.ts'
import { ALL_GZIP_GOAL, ALL_GZIP_MAX, INSPECTED_GZIP_MAX, PAGE_GZIP_MAX, PANEL_GZIP_MAX } from './limits.ts'

commandLine('npm run size\n\nIt takes no options.\n', (words) => parseArgs({ args: [...words] }))

const entry = (name: string) => join(import.meta.dirname, `${name}-entry.ts`)
const shown = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`

function line(name: string, { minified, gzip }: Size): string {
  return `${name.padEnd(28)}${shown(minified).padStart(10)}${shown(gzip).padStart(10)}`
}

function excess(name: string, { gzip }: Size, max: number): string[] {
  if (gzip <= max) return []
  return [`size: ${name} has ${shown(gzip)} with gzip, limit ${shown(max)} (test/size/src/limits.ts)`]
}

console.log(`${''.padEnd(28)}${'minified'.padStart(10)}${'gzip'.padStart(10)}`)
const parts = [...(await sizesByPart(entry('all')))].sort(([, a], [, b]) => b.gzip - a.gzip)
for (const [name, size] of parts) console.log(line(name, size))
const { start: page } = await sizesOf(entry('page'))
const { start: all, later } = await sizesOf(entry('all'))
console.log(`\n${line('page', page)}\n${line('page and worker', all)}; the goal is ${shown(ALL_GZIP_GOAL)}`)
console.log(`${line('loaded later, if at all', later)}; signatures by code, where the browser has none`)
const { start: worker } = await sizesOf(entry('worker'))
const { start: inspected } = await sizesOf(entry('inspected-worker'))
const { start: panel } = await sizesOf(entry('panel'))
const more = { minified: inspected.minified - worker.minified, gzip: inspected.gzip - worker.gzip }
console.log(`${line('worker, to be looked into', more)} more`)
console.log(`${line('developer tools', panel)}, when they are opened`)
const tooLarge = [
  ...excess('what a page loads', page, PAGE_GZIP_MAX),
  ...excess('page and worker', all, ALL_GZIP_MAX),
  ...excess('what a worker has more that can be looked into', more, INSPECTED_GZIP_MAX),
  ...excess('the panel of the developer tools', panel, PANEL_GZIP_MAX),
]
for (const words of tooLarge) console.error(words)
process.exitCode = tooLarge.length > 0 ? 1 : 0
