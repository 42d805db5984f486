import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const IMPORT = /^(?:import|export) (?!type )[^;]*?from '([^']+)'|^import '([^']+)'/gm

/** What a file and the files it imports take from outside this package, type imports left out. */
function taken(file: string, seen: Set<string> = new Set()): Set<string> {
  const outside = new Set<string>()
  if (seen.has(file)) return outside
  seen.add(file)
  for (const [, from, bare] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    const name = from ?? bare ?? ''
    if (name.startsWith('.')) for (const more of taken(resolve(dirname(file), name), seen)) outside.add(more)
    else outside.add(name)
  }
  return outside
}

function entry(name: string): string {
  return resolve(dirname(fileURLToPath(import.meta.url)), name)
}

it('the browser entry takes nothing that a browser has not', () => {
  expect([...taken(entry('browser.ts'))].filter((name) => name !== '@skerry/core')).toEqual([])
})

it('and this test would see it if it did', () => {
  expect([...taken(entry('index.ts'))]).toContain('ws')
})
