/** HONEST on a disk that fails to write: the process may not let its files grow, which SQLite sees as an input/output error. */
import { sqliteStore, verifySqlite } from '@skerry/store-sqlite'
import { afterAll, expect, it } from 'vitest'
import { runCommitting } from './child.ts'
import { temporaryDirectory } from './directory.ts'
import { missingParts, newestBatch } from './numbered.ts'

/** In blocks of 512 or 1,024 bytes, as the shell counts. */
const FILE_BLOCKS_MAX = 1500

/** Three of them do not fit any more when a small batch still would. */
const ENTRY_BYTES = 25_000

const directory = temporaryDirectory()
afterAll(() => directory.remove())

it('fault S8: reports io, refuses every further commit, stays readable, and has all that was acknowledged when opened again', async () => {
  const path = directory.path('log.db')
  const limits = `ulimit -f ${FILE_BLOCKS_MAX}`
  const { lines, errors } = await runCommitting([path, '1'.repeat(32), `${ENTRY_BYTES}`], () => {}, limits)
  expect(errors).toBe('')
  expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ first: 'io', again: 'io', missing: [] })
  const acknowledged = Number(lines.at(-2))
  expect(acknowledged).toBeGreaterThan(3)

  const store = sqliteStore({ path })
  await store.open('2'.repeat(32))
  expect(await newestBatch(store)).toBe(acknowledged)
  expect(await missingParts(store, acknowledged)).toEqual([])
  await store.close()
  expect(verifySqlite(path)).toEqual([])
})
