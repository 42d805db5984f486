import { collection } from '@skerry/core'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { checkConfig } from './config.ts'
import { readable } from './log-lines.ts'
import { table } from './table.ts'
import { paint, processTerminal } from './terminal.ts'

describe('table', () => {
  test('columns are as wide as their widest cell, numbers to the right', () => {
    expect(
      table(
        ['name', 'count'],
        [
          ['a', 7],
          ['longer', 1_000],
        ],
      ),
    ).toBe('name    count\na           7\nlonger   1000')
  })

  test('fault C13: control characters of names do not reach the terminal', () => {
    expect(table(['name'], [['a\u001b[31mred\n']])).toBe('name\na\ufffd[31mred\ufffd')
  })
})

describe('color', () => {
  test('is there for those who want it', () => {
    expect(paint({ color: true }, 'red', 'x')).toBe('\u001b[31mx\u001b[0m')
    expect(paint({ color: false }, 'red', 'x')).toBe('x')
  })

  test('is off where standard output is no terminal', () => {
    expect(processTerminal().color).toBe(process.stdout.isTTY === true && !process.env.NO_COLOR)
  })
})

test('a log line is made readable: time, level, message, fields', () => {
  const line =
    '{"level":"warn","time":"2026-01-01T12:34:56.000Z","code":4401,"subject":"tech:ana","peer":{"log":"x"},"msg":"session ended"}\n'
  expect(readable(line, { color: false })).toBe(
    '12:34:56 warn  session ended  code=4401 subject=tech:ana peer={"log":"x"}',
  )
  expect(readable('not json\n', { color: false })).toBe('not json')
})

describe('config', () => {
  const jobs = collection('jobs', z.object({ title: z.string() }))
  const rule = { name: 'r', collection: 'jobs', check: () => undefined }

  test('what is right is taken', () => {
    const config = {
      space: 'acme',
      collections: { jobs },
      rules: [rule],
      hub: { port: 0, accept: 'moved' as const },
      bridges: [{}],
    }
    expect(checkConfig(config, 'c.ts')).toEqual(config)
  })

  test('a collection under another key than its name is refused', () => {
    expect(() => checkConfig({ space: 'acme', collections: { tasks: jobs } }, 'c.ts')).toThrow(
      "c.ts: collections.tasks: the collection is named 'jobs'",
    )
  })

  test('a rule for a collection that is not there is refused', () => {
    const config = { space: 'acme', collections: { jobs }, rules: [{ ...rule, collection: 'job' }] }
    expect(() => checkConfig(config, 'c.ts')).toThrow(
      "rule 'r': there is no collection 'job'; did you mean 'jobs'?",
    )
  })
})
