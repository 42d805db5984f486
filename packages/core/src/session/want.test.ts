import { describe, expect, it } from 'vitest'
import type { Credential } from '../identity/credential.ts'
import { cameFrom, isValid, listedRuns, NO_RUN, ownerOf, toReconcile, withLeaves } from './cursor.ts'
import { RUNS_LISTED_MAX } from './limits.ts'
import type { Want } from './port.ts'
import { channelsOf, grantWant, narrow, startOf } from './want.ts'

const log = 'ab'.repeat(16)
const runs = [
  { run: 'r1', first: 1 },
  { run: 'r2', first: 11 },
  { run: 'empty', first: 21 },
  { run: 'r3', first: 21 },
]
const at = (run: string, seq: number) => ({ log, run, seq })
const credential = (rights: Partial<Credential>): Credential => ({
  hash: '',
  token: '',
  space: '',
  subject: '',
  publicKey: new Uint8Array(),
  role: 'device',
  read: [],
  write: [],
  systems: [],
  expiresAt: 0,
  ...rights,
})
const teller = { credential: credential({ role: 'authority' }), runs, head: 30 }
const channels = (...cursors: [string, ReturnType<typeof at> | undefined][]): Want => ({
  kind: 'channels',
  cursors: new Map(cursors),
})

describe('cursors', () => {
  it('belong to the newest run that begins at them or before', () => {
    expect([0, 1, 10, 11, 20, 21, 99].map((seq) => ownerOf(runs, seq))).toEqual([
      undefined,
      'r1',
      'r1',
      'r2',
      'r2',
      'r3',
      'r3',
    ])
    expect(ownerOf(runs.slice(1), 5)).toBeUndefined()
  })

  it('H7: are valid when their run owns them, up to the head', () => {
    expect(isValid(at('r2', 20), runs, 30)).toBe(true)
    expect(isValid(at('r2', 21), runs, 30)).toBe(false)
    expect(isValid(at('r3', 30), runs, 30)).toBe(true)
    expect(isValid(at('r3', 31), runs, 30)).toBe(false)
    expect(isValid(at('unknown', 5), runs, 30)).toBe(false)
    expect(isValid(at('unknown', 0), runs, 30)).toBe(true)
  })

  it('O3: an entry came from the peer when a run it listed owns it', () => {
    expect(cameFrom(runs, { run: 'r2', seq: 15 })).toBe(true)
    expect(cameFrom(runs, { run: 'r2', seq: 25 })).toBe(false)
    expect(cameFrom(runs.slice(2), { run: 'r2', seq: 15 })).toBe(false)
    expect(cameFrom(runs, undefined)).toBe(false)
  })

  it('RUNS_LISTED_MAX: as many are listed, of more the newest', () => {
    const many = Array.from({ length: RUNS_LISTED_MAX + 1 }, (_, i) => ({ run: `${i}`, first: i + 1 }))
    expect(listedRuns(many.slice(1), 0)).toHaveLength(RUNS_LISTED_MAX)
    expect(listedRuns(many, 0)[0]).toEqual({ run: '1', first: 2 })
  })

  it('O12: runs are listed from above what was given up', () => {
    const from = (forgotten: number) => listedRuns(runs, forgotten).map(({ run, first }) => `${run} ${first}`)
    expect(from(0)).toEqual(['r1 1', 'r2 11', 'empty 21', 'r3 21'])
    expect(from(4)).toEqual(['r1 5', 'r2 11', 'empty 21', 'r3 21'])
    expect(from(9)).toEqual(['r1 10', 'r2 11', 'empty 21', 'r3 21'])
    expect(from(10)).toEqual(['r2 11', 'empty 21', 'r3 21'])
    expect(from(99)).toEqual(['r3 100'])
    // Nothing at or below what was given up is claimed, everything above is.
    for (let forgotten = 0; forgotten < 40; forgotten++) {
      for (let seq = 1; seq < 40; seq++) {
        const claimed = seq > forgotten ? ownerOf(runs, seq) : undefined
        expect(ownerOf(listedRuns(runs, forgotten), seq)).toBe(claimed)
      }
    }
  })

  it('H12: "from the beginning, LEAVE marks included" and "to be reconciled" are valid in every log', () => {
    expect(isValid(withLeaves(log), runs, 30)).toBe(true)
    expect(isValid(withLeaves(log), runs, 0)).toBe(true)
    expect(isValid(toReconcile(log), runs, 0)).toBe(true)
    expect(isValid(at(NO_RUN, 3), runs, 30)).toBe(false)
  })
})

describe('wants', () => {
  it('H8: channels outside the grant are left out', () => {
    const asked = channels(['a', at('r1', 3)], ['b', at('r1', 3)])
    const { want, read, refused, whole } = grantWant(asked, credential({ read: ['a'] }), teller)
    expect({ read, refused, whole }).toEqual({ read: ['a'], refused: [], whole: false })
    expect(want).toEqual(channels(['a', at('r1', 3)]))
    expect(grantWant(asked, credential({ read: ['*'] }), teller).whole).toBe(true)
  })

  it('H8: so are those that the teller may not read itself, and all of them before it is enrolled', () => {
    const asked = channels(['a', undefined], ['b', undefined])
    const told = (own: Credential | undefined) =>
      grantWant(asked, credential({ read: ['*'] }), { ...teller, credential: own }).read
    expect(told(credential({ read: ['b', 'c'] }))).toEqual(['b'])
    expect(told(credential({ read: ['*'] }))).toEqual(['a', 'b'])
    expect(told(undefined)).toEqual([])
  })

  it('H8: the log is told to the authority and to who may read every channel', () => {
    const asked: Want = { kind: 'log', cursor: at('r1', 3) }
    expect(grantWant(asked, credential({ role: 'authority' }), teller).want).toEqual(asked)
    expect(grantWant(asked, credential({ read: ['*'] }), teller).read).toEqual(['*'])
    const refused = grantWant(asked, credential({ read: ['a', 'b'] }), teller)
    expect(refused).toEqual({ want: { kind: 'nothing' }, read: [], refused: [], whole: false })
  })

  it('H7: cursors that are not valid are forgotten and named', () => {
    const asked = channels(['a', at('r1', 3)], ['b', at('r1', 13)], ['c', undefined])
    const { want, refused, whole } = grantWant(asked, credential({ read: ['*'] }), teller)
    expect({ refused, whole }).toEqual({ refused: ['b'], whole: false })
    expect(want).toEqual(channels(['a', at('r1', 3)], ['b', toReconcile(log)], ['c', undefined]))
    const wholeLog = grantWant({ kind: 'log', cursor: at('r3', 99) }, credential({ read: ['*'] }), teller)
    expect(wholeLog).toEqual({
      want: { kind: 'log', cursor: undefined },
      read: ['*'],
      refused: ['*'],
      whole: false,
    })
  })

  it('H8: both sides mean the same want after an answer', () => {
    const rights = [credential({ read: ['a', 'c'] }), credential({ read: ['*'] }), credential({})]
    const wants: Want[] = [
      { kind: 'nothing' },
      { kind: 'log', cursor: at('r3', 99) },
      channels(['a', at('r1', 13)], ['b', at('r2', 13)], ['c', at('r2', 13)]),
    ]
    for (const right of rights) {
      for (const asked of wants) {
        const { want, read, refused } = grantWant(asked, right, teller)
        expect(narrow(asked, read, refused)).toEqual(want)
      }
    }
  })

  it('start at their lowest cursor', () => {
    expect(startOf(channels(['a', at('r1', 3)], ['b', at('r2', 13)]))).toBe(3)
    expect(startOf(channels(['a', at('r1', 3)], ['b', undefined]))).toBe(0)
    expect(startOf({ kind: 'nothing' })).toBe(0)
    expect(channelsOf({ kind: 'log', cursor: undefined })).toEqual(['*'])
  })
})
