import { describe, expect, test } from 'vitest'
import { checkCorePurity } from './core-purity.ts'
import { readImports } from './module-graph.ts'
import { buildWorkspace } from './workspace.test-support.ts'

const PURE_CONFIG = { compilerOptions: { types: [] } }

function found(text: string, file = 'packages/core/src/a.ts', config: unknown = PURE_CONFIG): string[] {
  using workspace = buildWorkspace({ [file]: text })
  return checkCorePurity(workspace, readImports(workspace), config).findings.map(({ message }) => message)
}

describe('core purity', () => {
  test.each([
    ["import 'node:fs'"],
    ["import type { A } from 'events'"],
    ['const a = Date.now()'],
    ['const a = new Date()'],
    ['const a = new Date'],
    ['const a = Date()'],
    ['const a = Math.random()'],
    ['setTimeout(f, 1)'],
    ['process.exit()'],
    ["process?.env['A']"],
    ['Buffer.from(a)'],
    ['globalThis.fetch'],
    ['console.log(a)'],
  ])('refuses %s', (text) => {
    expect(found(text)).toHaveLength(1)
  })

  test.each([
    ['const a = new Date(ms)'],
    ['clock.now()'],
    ['timers.setTimeout(f, 1)'],
    ['interface Timers { setTimeout(run: () => void, delayMs: number): number }'],
    ['// Date.now() would be a look at the world'],
    ["throw new Error('no Date.now() here')"],
    ['change.process.id'],
    ['const processed = rebuffered(aBuffer)'],
  ])('allows %s', (text) => {
    expect(found(text)).toEqual([])
  })

  test('tests of core and other packages may look', () => {
    expect(found('Date.now()', 'packages/core/src/a.test.ts')).toEqual([])
    expect(found('Date.now()', 'packages/core/test/a.ts')).toEqual([])
    expect(found('Date.now()', 'packages/hub/src/a.ts')).toEqual([])
  })

  test.each([
    [{ compilerOptions: { types: ['node'] } }],
    [{ compilerOptions: {} }],
    [{ compilerOptions: { types: [], lib: ['ES2024', 'DOM'] } }],
    [null],
  ])('a core tsconfig that lets the world in is a finding: %j', (config) => {
    expect(found('', 'packages/core/src/a.ts', config)).toHaveLength(1)
  })
})
