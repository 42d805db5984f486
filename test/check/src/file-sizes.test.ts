import { expect, test } from 'vitest'
import {
  checkSizes,
  LINES_MAX,
  LINES_MEDIAN_MAX,
  LINES_PERCENTILE_95_MAX,
  LINES_UNEXPLAINED_MAX,
} from './file-sizes.ts'
import { buildWorkspace } from './workspace.test-support.ts'

function counts(...texts: string[]): { findings: number; warnings: string[] } {
  const small = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`packages/hub/src/small${i}.ts`, '\n']),
  )
  using workspace = buildWorkspace({
    ...(texts.length === 1 ? small : {}),
    ...Object.fromEntries(texts.map((text, i) => [`packages/core/src/f${i}.ts`, text])),
  })
  const { findings, warnings } = checkSizes(workspace.files)
  return { findings: findings.length, warnings: warnings.map(({ file }) => file) }
}

const lines = (count: number, head = '// why'): string => `${head}\n${'x\n'.repeat(count - 1)}`

test('the ceiling, on both sides', () => {
  expect(counts(lines(LINES_MAX, '// Long because of the table.')).findings).toBe(0)
  expect(counts(lines(LINES_MAX + 1, '// Long because of the table.')).findings).toBe(1)
})

test('a long file must say why in its first paragraph, on both sides', () => {
  expect(counts(lines(LINES_UNEXPLAINED_MAX)).warnings).toEqual([])
  expect(counts(lines(LINES_UNEXPLAINED_MAX + 1)).warnings).toEqual(['packages/core/src/f0.ts'])
  expect(counts(lines(LINES_UNEXPLAINED_MAX + 1, '// This file is long: one table.')).warnings).toEqual([])
  expect(counts(lines(LINES_UNEXPLAINED_MAX + 1, '// Tables.\n//\n// It is long.')).warnings).toHaveLength(1)
})

test('the band of the whole, on both sides', () => {
  const many = (length: number, count: number): string[] => Array.from({ length: count }, () => lines(length))
  expect(counts(...many(LINES_MEDIAN_MAX, 20)).warnings).toEqual([])
  expect(counts(...many(LINES_MEDIAN_MAX + 1, 20)).warnings).toEqual(['.'])
  expect(counts(...many(1, 18), ...many(LINES_PERCENTILE_95_MAX, 2)).warnings).toEqual([])
  expect(counts(...many(1, 18), ...many(LINES_PERCENTILE_95_MAX + 1, 2)).warnings).toEqual(['.'])
})
