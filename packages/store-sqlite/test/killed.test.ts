/**
 * ATOMIC and DURABLE against SIGKILL: a process commits numbered batches and says which are durable; it is killed at a seeded moment;
 * what it said must be there, and nothing by halves. `SKERRY_KILL_ROUNDS=1000` runs more rounds, `SKERRY_SEED` other moments.
 */
import { seededRandom } from '@skerry/contract'
import { sqliteStore, verifySqlite } from '@skerry/store-sqlite'
import { afterAll, expect, it } from 'vitest'
import { runCommitting } from './child.ts'
import { temporaryDirectory } from './directory.ts'
import { missingParts, newestBatch } from './numbered.ts'

const ROUNDS = Number(process.env.SKERRY_KILL_ROUNDS ?? 10)
const SEED = Number(process.env.SKERRY_SEED ?? 1)
const ROUND_MS_MAX = 30_000

const directory = temporaryDirectory()
afterAll(() => directory.remove())

const runId = (number: number) => number.toString(16).padStart(32, '0')

it(
  `fault P1: SIGKILL, ${ROUNDS} rounds: no acknowledged batch is lost, none is there by halves (seed ${SEED})`,
  async () => {
    const random = seededRandom(SEED)
    const path = directory.path('log.db')
    let acknowledged = 0
    for (let round = 1; round <= ROUNDS; round += 1) {
      const linesUntilKill = 1 + random.below(80)
      let seen = 0
      const { lines, signal, errors } = await runCommitting([path, runId(2 * round)], (_line, child) => {
        seen += 1
        if (seen === linesUntilKill) child.kill('SIGKILL')
      })
      expect([signal, errors]).toEqual(['SIGKILL', ''])
      acknowledged = Math.max(acknowledged, Number(lines.at(-1)) || 0)

      const store = sqliteStore({ path })
      await store.open(runId(2 * round + 1))
      const newest = await newestBatch(store)
      expect(newest).toBeGreaterThanOrEqual(acknowledged)
      expect(await missingParts(store, newest)).toEqual([])
      await store.close()
      expect(verifySqlite(path)).toEqual([])
    }
  },
  ROUNDS * ROUND_MS_MAX,
)
