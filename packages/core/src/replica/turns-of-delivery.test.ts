import { beforeAll, describe, expect, test } from 'vitest'
import { ENTRY_COST_OPERATIONS, OPERATIONS_PER_TURN_MAX } from '../session/limits.ts'
import { draft, open, Pen, putting } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'
import { turnsOf } from './turns-of-delivery.ts'

beforeAll(startEngine)

const costs = (turns: readonly { part: readonly number[] }[]) => turns.map(({ part }) => part)

describe('B3: a delivery in turns', () => {
  test('of OPERATIONS_PER_TURN_MAX each, one entry at least', () => {
    const half = OPERATIONS_PER_TURN_MAX / 2
    const cut = (...items: number[]) => costs(turnsOf(items, (cost) => cost))
    expect(cut(half, half)).toEqual([[half, half]])
    expect(cut(half, half + 1)).toEqual([[half], [half + 1]])
    expect(cut(half, half, 1)).toEqual([[half, half], [1]])
    expect(cut(3 * half, 1, 3 * half)).toEqual([[3 * half], [1], [3 * half]])
    expect(cut()).toEqual([[]])
    const turns = turnsOf([half, half, 1], (cost) => cost)
    expect(turns.map(({ operations, isLast }) => [operations, isLast])).toEqual([
      [2 * half, false],
      [1, true],
    ])
  })

  const ENTRIES_PER_TURN = OPERATIONS_PER_TURN_MAX / ENTRY_COST_OPERATIONS

  interface Told {
    kind: 'entry'
    seq: number
    bytes: Uint8Array
  }

  /** An entry of a new record, and behind it as many as fill a turn, which cost as much to look at and are refused. */
  async function turnsFrom(
    pen: Pen,
    name: string,
    turns: number,
    refused = ENTRIES_PER_TURN,
  ): Promise<Told[]> {
    const all: Uint8Array[] = []
    for (let turn = 0; turn < turns; turn++) {
      const record = `work_orders/${name}-${turn}`
      const change = putting(draft(100 * name.length + turn), { title: name, site: 'SEA' })
      all.push(await pen.changes(record, [change]))
      const unsigned = pen.unsigned(record, [change])
      for (let i = 0; i < refused; i++) all.push(unsigned)
    }
    return all.map((bytes, i) => ({ kind: 'entry', seq: i + 1, bytes }))
  }

  async function hubAndPens() {
    const { replica: hub } = await open({ seed: 9, grant: { role: 'authority', read: ['*'], write: ['*'] } })
    const pens = [await Pen.make(1), await Pen.make(2, { subject: 'tech:ben' })] as const
    for (const { peer } of pens) await hub.session.remember(peer.credential)
    return { hub, pens }
  }

  const deliveryOf = ({ peer }: Pen, items: Told[]) => ({
    peer,
    items,
    position: { log: peer.log, run: peer.runs[0]!.run, seq: items.length },
    current: true,
    want: { kind: 'log' as const, cursor: undefined },
  })

  test('one session pushes at full speed: the single edit of another is durable with the second commit at the latest', async () => {
    const { hub, pens } = await hubAndPens()
    const flood = await turnsFrom(pens[0], 'flood', 5)
    const single = await turnsFrom(pens[1], 'one', 1, 0)
    const paid: number[] = []
    let commits = 0
    let begun: () => void = () => undefined
    const firstCommit = new Promise<void>((resolve) => {
      begun = resolve
    })
    hub.onCommit(() => {
      commits += 1
      begun()
    })
    let isPushed = false
    const pushed = hub.session
      .deliver(deliveryOf(pens[0], flood), async (operations) => {
        paid.push(operations)
        return true
      })
      .finally(() => {
        isPushed = true
      })
    await firstCommit
    const before = commits
    expect(await hub.session.deliver(deliveryOf(pens[1], single), async () => true)).toEqual([])
    expect(commits - before).toBeLessThanOrEqual(2)
    expect(isPushed).toBe(false)
    expect(await pushed).toHaveLength(flood.length - 5)
    expect(paid.length).toBeGreaterThanOrEqual(5)
    expect(Math.max(...paid)).toBeLessThanOrEqual(OPERATIONS_PER_TURN_MAX)
    // Two fields each; what is refused for its signature counts with its operations too, or without them.
    expect(paid.reduce((sum, cost) => sum + cost)).toBeGreaterThanOrEqual(
      flood.length * ENTRY_COST_OPERATIONS + 10,
    )
    expect((await hub.stats()).records).toBe(6)
  })

  test('I4: what an earlier turn refused is known to the later ones: what builds on it says so', async () => {
    const { hub, pens } = await hubAndPens()
    const [pen] = pens
    const record = 'work_orders/refused'
    const document = draft(7)
    const first = putting(document, { title: 'first', site: 'PDX' })
    const second = putting(document, { title: 'second' })
    const filler = pen.unsigned(record, [first])
    const all = [
      // Where it may not write.
      await pen.changes(record, [first]),
      ...Array.from({ length: ENTRIES_PER_TURN }, () => filler),
      await pen.changes(record, [second]),
    ]
    const items = all.map((bytes, i): Told => ({ kind: 'entry', seq: i + 1, bytes }))
    let turns = 0
    const refusals = await hub.session.deliver(deliveryOf(pen, items), async () => ++turns > 0)
    expect(turns).toBeGreaterThan(1)
    expect(refusals.at(0)).toMatchObject({ seq: 1, code: 'channel-not-granted' })
    expect(refusals.at(-1)).toMatchObject({ seq: items.length, code: 'depends-on-refused' })
  })

  test.each([
    ['SEA', 'PDX', ['elsewhere']],
    ['PDX', 'SEA', []],
  ])('G-2: where a record is, is answered by the last turn: from %s to %s', async (from, to, codes) => {
    const { hub } = await hubAndPens()
    const pen = await Pen.make(3, { write: ['site:SEA', 'site:PDX'] })
    await hub.session.remember(pen.peer.credential)
    const record = 'work_orders/moved'
    const document = draft(7)
    const first = putting(document, { title: 'first', site: from })
    const filler = pen.unsigned('work_orders/filler', [first])
    const all = [
      await pen.changes(record, [first]),
      ...Array.from({ length: ENTRIES_PER_TURN }, () => filler),
      await pen.changes(record, [putting(document, { site: to })]),
    ]
    const items = all.map((bytes, i): Told => ({ kind: 'entry', seq: i + 1, bytes }))
    const refusals = await hub.session.deliver(deliveryOf(pen, items), async () => true)
    expect(refusals.filter((refusal) => refusal.record === record).map(({ code }) => code)).toEqual(codes)
  })

  test('the position comes with the last turn, and not when the session ended before', async () => {
    const { hub, pens } = await hubAndPens()
    const delivery = deliveryOf(pens[0], await turnsFrom(pens[0], 'part', 4))
    let turns = 0
    await hub.session.deliver(delivery, async () => ++turns < 3)
    expect((await hub.stats()).records).toBe(2)
    expect(await hub.session.want(pens[0].peer)).toEqual({ kind: 'log', cursor: undefined })
    await hub.session.deliver(delivery, async () => true)
    expect((await hub.stats()).records).toBe(4)
    expect(await hub.session.want(pens[0].peer)).toEqual({ kind: 'log', cursor: delivery.position })
  })
})
