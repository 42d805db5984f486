// The machine may have an older Node; npm scripts must find the one of the project first, and the test workers must inherit it.

import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const NODE_MAJOR_MIN = 24

const major = (version: string): number => Number(version.replace(/^v/, '').split('.')[0])

test('tests run on the Node of the project', () => {
  expect(major(process.versions.node)).toBeGreaterThanOrEqual(NODE_MAJOR_MIN)
})

test('a process started as plain `node` by a test is the same one', () => {
  expect(execFileSync('node', ['--version'], { encoding: 'utf8' }).trim()).toBe(process.version)
})
