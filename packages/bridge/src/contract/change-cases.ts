/** What changed since: K-10 to K-19. Rows may be told more than once; what counts is the last telling of each. */
import { expect } from 'vitest'
import type { Call, ExternalRow } from '../adapter-port.ts'
import { type ContractCase, contractCase, fault, has } from './case.ts'
import { REQUESTS_INTERRUPTED_MAX } from './limits.ts'
import { expectKind, type Trial } from './trial.ts'

/** Rows, and page sizes that lead through them in several pages. */
const ROWS = 7
const PAGE_SIZES = [2, 3]
const WHOLE = 50

export const changeCases: readonly ContractCase[] = [
  contractCase('K-10', 'without a position every row is told, whoever made it', [], async (trial) => {
    for (let i = 0; i < 3; i++) await trial.system.create(trial.fields(`theirs ${i}`))
    for (let i = 0; i < 2; i++) await trial.made(`ours ${i}`)
    const { rows } = await trial.told(undefined, WHOLE)
    await expectAllTold(trial, rows)
  }),

  contractCase('K-11', 'with a position, what was edited and made since is told', [], async (trial) => {
    const ids = await madeByOthers(trial, 3)
    const { position } = await trial.told(undefined, WHOLE)
    await trial.system.edit(ids[1]!, trial.fields('edited since'))
    const { id } = await trial.system.create(trial.fields('made since'))
    const adapter = trial.system.again?.() ?? trial.adapter
    const { rows, position: end } = await trial.told(position, WHOLE, { adapter })
    trial.expectFields(lastOf(rows, ids[1]!), trial.fields('edited since'))
    trial.expectFields(lastOf(rows, id), trial.fields('made since'))
    const quiet = await trial.told((await trial.told(end, WHOLE, { adapter })).position, WHOLE, { adapter })
    expect(quiet.rows.length, 'rows told when nothing changed').toBeLessThanOrEqual(rows.length)
  }),

  contractCase('K-12', 'rows of one moment are all told, page by page', [], async (trial) => {
    for (const limit of PAGE_SIZES) {
      const { position } = await trial.told(undefined, WHOLE)
      await atOneMoment(trial, async () => {
        const first = await madeByOthers(trial, ROWS)
        const told = await trial.told(position, limit)
        for (const id of first) lastOf(told.rows, id)
        const second = await madeByOthers(trial, 2)
        const more = await trial.told(told.position, limit)
        for (const id of second) lastOf(more.rows, id)
      })
      await expectAllTold(trial, (await trial.told(undefined, limit)).rows)
    }
  }),

  contractCase(
    'K-13',
    'rows that change while others are listed are told as they are in the end',
    [],
    async (trial) => {
      for (const limit of PAGE_SIZES) for (const after of [1, 2, 3]) await whileListed(trial, limit, after)
    },
  ),

  contractCase('K-14', 'deleted rows are told as deleted', [has('deletions')], async (trial) => {
    const [theirs = '', kept = ''] = await madeByOthers(trial, 2)
    const ours = await trial.made()
    const { position } = await trial.told(undefined, WHOLE)
    for (const id of [theirs, ours.id]) await trial.system.remove(id)
    const { rows } = await trial.told(position, 2)
    for (const id of [theirs, ours.id]) expect(lastOf(rows, id)).toMatchObject({ id, deleted: true })
    expect(rows.filter(({ id, deleted }) => id === kept && deleted)).toEqual([])
  }),

  contractCase('K-15', 'what we wrote comes back with the version we were told', [], async (trial) => {
    const { position } = await trial.told(undefined, WHOLE)
    const created = await trial.made()
    expect(lastOf((await trial.told(position, WHOLE)).rows, created.id).version).toBe(created.version)
    const answer = await trial.write(trial.change(created, trial.fields('changed here')))
    expect(answer).toMatchObject({ kind: 'done', row: { id: created.id } })
    if (answer.kind !== 'done') return
    const echo = lastOf((await trial.told(position, WHOLE)).rows, created.id)
    expect(echo.version).toBe(answer.row.version)
    expect(echo.externalId).toBe(created.externalId)
  }),

  contractCase(
    'K-16',
    'a position that the system forgot is expired',
    [fault('expirePositions')],
    async (trial) => {
      await madeByOthers(trial, 3)
      const { position } = await trial.told(undefined, WHOLE)
      await trial.provoke('expirePositions')()
      expect(await trial.adapter.changes(trial.type, position, WHOLE, trial.call)).toEqual({
        kind: 'expired',
      })
      await expectAllTold(trial, (await trial.told(undefined, WHOLE)).rows)
    },
  ),

  contractCase('K-17', 'a row that became visible late is told', [fault('commitLate')], async (trial) => {
    let begun = { id: '', show: async () => {} }
    await atOneMoment(trial, async () => {
      begun = await trial.provoke('commitLate')(trial.fields('begun early'))
    })
    const { id, show } = begun
    await madeByOthers(trial, 2)
    const { rows, position } = await trial.told(undefined, WHOLE)
    expect(rows.filter((row) => row.id === id)).toEqual([])
    await show()
    trial.expectFields(lastOf((await trial.told(position, WHOLE)).rows, id), trial.fields('begun early'))
  }),

  contractCase('K-18', 'a position that this adapter never made is expired', [], async (trial) => {
    for (const position of ['no position of this adapter', '{"since":', '[]', '']) {
      const answer = await trial.adapter.changes(trial.type, position, WHOLE, trial.call)
      expect(answer, JSON.stringify(position)).toEqual({ kind: 'expired' })
    }
  }),

  contractCase(
    'K-19',
    'what comes between the requests for one page leaves nothing out',
    [],
    async (trial) => {
      // The first page of two, and the last one.
      for (const limit of [2, WHOLE])
        for (let at = 1; at <= REQUESTS_INTERRUPTED_MAX; at++)
          if (!(await whileAsked(trial, at, limit))) break
    },
  ),
]

/** Before a request for a page rows are edited; and such a request is refused, so that the page is asked for again, from the position it was asked from. @returns whether there was such a request */
async function whileAsked(trial: Trial, at: number, limit: number): Promise<boolean> {
  const edited = trial.fields(`edited before request ${at} for a page of ${limit}`)
  const came = await interruptedPage(trial, at, limit, async (ids) => {
    for (const id of ids) await trial.system.edit(id, edited)
  })
  const { exhaustQuota } = trial.system.faults
  if (came && typeof exhaustQuota === 'function')
    await interruptedPage(trial, at, limit, () => exhaustQuota('read'))
  return came
}

async function interruptedPage(
  trial: Trial,
  at: number,
  limit: number,
  act: (ids: readonly string[]) => Promise<unknown>,
): Promise<boolean> {
  const { position } = await trial.told(undefined, WHOLE)
  const ids = await madeByOthers(trial, 3)
  await trial.settled()
  const ask = (call: Call) => trial.adapter.changes(trial.type, position, limit, call)
  const first = await trial.interrupted(at, () => act([ids[0]!, ids[2]!]), ask)
  // Asked once more in any case: a refusal that came too late for the first time meets the second.
  const second = await ask(trial.call)
  const answer = first.answer.kind === 'page' ? first.answer : second
  expectKind(answer, 'page', 'the page from the same position')
  if (answer.kind !== 'page') return first.came
  // To the end of what this pass finds, and once more: an edit that a pass ran past is found by the next one.
  const rest = await trial.told(answer.next, limit)
  const then = await trial.told(rest.position, limit)
  await expectAllTold(trial, [...answer.rows, ...rest.rows, ...then.rows], ids)
  return first.came
}

/** Rows of one moment are listed; after so many pages some of them change, and one is made. */
async function whileListed(trial: Trial, limit: number, after: number): Promise<void> {
  const { position } = await trial.told(undefined, WHOLE)
  let ids: string[] = []
  await atOneMoment(trial, async () => {
    ids = await madeByOthers(trial, ROWS)
  })
  const between = async () => {
    for (const id of [ids[0]!, ids[3]!, ids[ROWS - 1]!])
      await trial.system.edit(id, trial.fields(`edited after page ${after} of ${limit}`))
    // One may be forgiven by luck: a reader that looks back by a row meets the next one.
    for (const id of [ids[1]!, ids[2]!]) await trial.system.remove(id)
    ids.push((await trial.system.create(trial.fields(`made after page ${after} of ${limit}`))).id)
  }
  const first = await trial.told(position, limit, { between, after })
  const then = await trial.told(first.position, limit)
  await expectAllTold(trial, [...first.rows, ...then.rows], ids)
}

async function madeByOthers(trial: Trial, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < count; i++)
    ids.push((await trial.system.create(trial.fields(`theirs ${i}`, 'noted'))).id)
  return ids
}

function atOneMoment({ system }: Trial, work: () => Promise<void>): Promise<void> {
  return system.atOneMoment ? system.atOneMoment(work) : work()
}

/** The last telling of a row; it must have been told. */
function lastOf(rows: readonly ExternalRow[], id: string): ExternalRow {
  const row = rows.findLast((one) => one.id === id)
  expect(row, `${id} was not told`).toBeDefined()
  return row!
}

/** Every living row, or each of these, was told as it is now. */
async function expectAllTold(
  trial: Trial,
  rows: readonly ExternalRow[],
  ids?: readonly string[],
): Promise<void> {
  const { title } = trial.system.fields
  for (const { id, value } of await trial.living()) {
    if (ids && !ids.includes(id)) continue
    const row = lastOf(rows, id)
    expect(row).toMatchObject({ type: trial.type, deleted: false })
    trial.expectFields(row, { [title]: value[title] ?? null })
  }
}
