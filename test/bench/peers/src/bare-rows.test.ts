import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BareRows, messagesOf, type Row } from './bare-rows.ts'

let folder: string
let rows: BareRows

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skerry-rows-'))
  rows = new BareRows(join(folder, 'rows.db'))
})

afterEach(() => {
  rows.close()
  rmSync(folder, { recursive: true })
})

describe('bare rows', () => {
  it('are told after a number, each once, in the order of writing', () => {
    rows.keep([
      [1, 'a', '1'],
      [2, 'b', '2'],
    ])
    rows.add('a', '3')
    expect([...rows.after(0)]).toEqual([
      [2, 'b', '2'],
      [3, 'a', '3'],
    ])
    expect([...rows.after(2)]).toEqual([[3, 'a', '3']])
    expect([rows.head, rows.get('a'), rows.get('c')]).toEqual([3, '3', undefined])
  })

  it('go in messages of bounded length, a long one alone', () => {
    const row = (seq: number, length: number): Row => [seq, 'id', 'x'.repeat(length)]
    const lengths = [100_000, 100_000, 100_000, 300_000, 1]
    const messages = [...messagesOf(lengths.map((length, seq) => row(seq, length)))]
    expect(messages.map((message) => message.map(([seq]) => seq))).toEqual([[0, 1], [2], [3], [4]])
    expect([...messagesOf([])]).toEqual([])
  })
})
