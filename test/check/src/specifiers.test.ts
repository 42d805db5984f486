import { expect, test } from 'vitest'
import { readSpecifiers } from './specifiers.ts'

const names = (source: string): string[] => readSpecifiers(source).map(({ name }) => name)

test.each([
  ["import a from 'x'"],
  ["import a, { b as c } from 'x'"],
  ["import * as a from 'x'"],
  ["import type { A } from 'x'"],
  ["import { type A } from 'x'"],
  ["import{a}from'x'"],
  ["import 'x'"],
  ["export { a } from 'x'"],
  ["export type { A } from 'x'"],
  ["export * as a from 'x'"],
  ["const a = await import('x')"],
  ["type A = import('x').A"],
  ["import {\n  a, // why 'y'\n  b,\n} from 'x'"],
  ['import a from "x" with { type: "json" }'],
])('sees %s', (source) => {
  expect(names(source)).toEqual(['x'])
})

test.each([
  ["// import a from 'x'"],
  ['const text = "import a from \'x\'"'],
  ["const a = `import b from 'x'`"],
  ["array.from('x')"],
  ["export const from = 'x'"],
  ["vi.import('x')"],
  ['import.meta.url'],
])('does not mistake %s', (source) => {
  expect(names(source)).toEqual([])
})

test('gives each specifier its line, in order', () => {
  const source = "import a from 'x'\nexport { b }\nconst c = import('y')\nimport d from 'z'"
  expect(readSpecifiers(source)).toEqual([
    { name: 'x', line: 1 },
    { name: 'y', line: 3 },
    { name: 'z', line: 4 },
  ])
})
