import { encodeUtf8, type TableRow } from '@skerry/core'
import { expect, test } from 'vitest'
import { linkKey, linksAmong } from './links.ts'

const keyOf = (id: string) => linkKey('cases', { id })

/** A table of links of these rows, and how often it was read. */
function table(rowIds: readonly string[]) {
  const rows: TableRow[] = rowIds
    .map((id) => ({ key: keyOf(id), value: encodeUtf8(`jobs/${id}`) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  const reads: number[] = []
  const scan = async ({ prefix, after, limit }: { prefix: string; after: string; limit: number }) => {
    const found = rows.filter(({ key }) => key.startsWith(prefix) && key > after).slice(0, limit)
    reads.push(found.length)
    return found
  }
  return { scan, reads }
}

test('links of rows that lie close together are one reading, those that are not there too', async () => {
  const { scan, reads } = table(['A1', 'A2', 'A4', 'B1'])
  const links = await linksAmong(scan, 'cases', ['A4', 'A1', 'A3'])
  expect([...links].filter(([key]) => key < keyOf('B'))).toEqual(
    expect.arrayContaining([
      [keyOf('A1'), 'jobs/A1'],
      [keyOf('A3'), undefined],
      [keyOf('A4'), 'jobs/A4'],
    ]),
  )
  expect(reads).toHaveLength(1)
})

test('what lies behind too many others is left to be read by itself', async () => {
  const ids = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0'))
  const { scan, reads } = table(ids)
  const links = await linksAmong(scan, 'cases', ['05', '90', 'x1'])
  expect(reads).toEqual([6])
  expect(links.get(keyOf('05'))).toBe('jobs/05')
  expect([links.has(keyOf('90')), links.has(keyOf('x1'))]).toEqual([false, false])
})

test('of an empty page, and of the shortest ids', async () => {
  const { scan, reads } = table(['0', '1'])
  expect([await linksAmong(scan, 'cases', []), reads.length]).toEqual([new Map(), 0])
  expect([...(await linksAmong(scan, 'cases', ['1', '2']))]).toEqual(
    expect.arrayContaining([
      [keyOf('1'), 'jobs/1'],
      [keyOf('2'), undefined],
    ]),
  )
})
