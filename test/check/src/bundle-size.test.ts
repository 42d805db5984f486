import { expect, test } from 'vitest'
import { readSizes } from './bundle-size.ts'

const stdout =
  'core/replica   148.4 KB   48.7 KB\n\npage and worker   450.5 KB   151.0 KB; the goal is 40.0 KB\n'

test('within the limits nothing is found, and the figure is told', () => {
  const { findings, scope } = readSizes({ exitCode: 0, stdout, stderr: '' })
  expect(findings).toEqual([])
  expect(scope).toBe('page and worker 450.5 KB 151.0 KB; the goal is 40.0 KB')
})

test('each limit that is passed is a finding', () => {
  const stderr = 'size: page and worker has 160.0 KB with gzip, limit 158.0 KB\n'
  expect(readSizes({ exitCode: 1, stdout, stderr }).findings).toMatchObject([
    { rule: 'bundle-size', message: 'size: page and worker has 160.0 KB with gzip, limit 158.0 KB' },
  ])
})

test('a build that fails is a finding too', () => {
  const { findings, scope } = readSizes({ exitCode: 1, stdout: '', stderr: 'no such file' })
  expect(findings[0]?.message).toContain('no such file')
  expect(scope).toBe('no figure')
})
