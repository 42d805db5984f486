/** The budget as a machine: asked and answered by the hour, with a clock that the test moves, beside a system that counts for itself. More than 500 lines, because every subject is held against that one system. */
import { Budget, type BudgetConfig, type Tier } from '@skerry/bridge'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { testHost } from '../../test/nodes.ts'
import {
  CREDENTIALS_MAX,
  DAY_MS,
  RETRY_AFTER_MS_MAX,
  TOLD_BELIEVED_MS,
  TOLD_LIMITS_MAX,
  WINDOW_SLOTS,
} from '../limits.ts'
import type { Pool } from './budget-config.ts'
import { Grant } from './grant.ts'

interface Spent {
  at: number
  tier: Tier
  pool: Pool
  credential: string | undefined
}

/** An account whose calls end at once, or when the test ends them. */
class Account {
  readonly host = testHost()
  readonly budget: Budget
  readonly spent: Spent[] = []

  constructor(config: BudgetConfig, { hasCritical = true, credentials = [] as string[] } = {}) {
    this.budget = new Budget(config, this.host)
    this.budget.join({ hasCritical, credentials })
  }

  ask(tier: Tier, pool: Pool = 'write'): Grant | number {
    const answer = this.budget.ask({ tier, pools: [pool], what: pool })
    return answer instanceof Grant ? answer : answer.waitMs
  }

  /** Makes a call if one may be made. @returns milliseconds to wait instead; 0 when it was made */
  call(tier: Tier, pool: Pool = 'write', units = 1): number {
    const grant = this.ask(tier, pool)
    if (!(grant instanceof Grant)) return grant
    this.send(grant, tier, pool, units)
    grant.end('done')
    return 0
  }

  send(grant: Grant, tier: Tier, pool: Pool = 'write', units = 1): void {
    const call = grant.call(pool, new AbortController().signal)
    call.spend?.(units)
    const { credential } = call
    for (let i = 0; i < units; i++) this.spent.push({ at: this.host.clock, tier, pool, credential })
  }

  /** As many calls as may be made now. */
  drain(tier: Tier, pool: Pool = 'write'): number {
    let made = 0
    while (this.call(tier, pool) === 0) made += 1
    return made
  }

  /** Most that was spent in any `ms` milliseconds. */
  most(ms: number, which: (spent: Spent) => boolean = () => true): number {
    const times = this.spent.filter(which).map(({ at }) => at)
    return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + ms).length))
  }
}

const tier = fc.constantFrom<Tier>('critical', 'operational', 'analytical', 'reference')

describe('windows', () => {
  const steps = fc.array(
    fc.record({ tier, pauseMs: fc.integer({ min: 0, max: 400 }), calls: fc.integer({ min: 1, max: 8 }) }),
    { minLength: 1, maxLength: 120 },
  )
  const window = fc.record({ units: fc.integer({ min: 1, max: 12 }), ms: fc.integer({ min: 1, max: 2_000 }) })

  test('B-62 API-8: in no stretch of that length is more spent, whoever asks and whenever', () => {
    fc.assert(
      fc.property(fc.array(window, { minLength: 1, maxLength: 3 }), steps, (windows, given) => {
        const account = new Account({ windows })
        for (const { tier: who, pauseMs, calls } of given) {
          account.host.clock += pauseMs
          for (let i = 0; i < calls; i++) account.call(who)
        }
        for (const { units, ms } of windows) expect(account.most(ms)).toBeLessThanOrEqual(units)
      }),
    )
  })

  test('B-62 what it says to wait is enough, and hardly more than needed', () => {
    fc.assert(
      fc.property(window, steps, ({ units, ms }, given) => {
        const account = new Account({ windows: [{ units, ms }] }, { hasCritical: false })
        for (const { pauseMs, calls } of given) {
          account.host.clock += pauseMs
          for (let i = 0; i < calls; i++) account.call('operational')
        }
        account.drain('operational')
        const waitMs = account.call('operational')
        const oldest = account.spent.at(-units)!.at
        expect(waitMs).toBeGreaterThanOrEqual(oldest + ms - account.host.clock)
        expect(waitMs).toBeLessThanOrEqual(oldest + ms - account.host.clock + Math.ceil(ms / WINDOW_SLOTS))
        account.host.clock += waitMs
        expect(account.call('operational')).toBe(0)
      }),
    )
  })

  test('B-64 TIE-4: whatever the others do, the critical tier has its share of every window at once', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const [units, ms, share] = [20, 1_000, 4]
        const account = new Account({ windows: [{ units, ms }], reserve: share / units })
        const isCritical = ({ tier: who }: Spent) => who === 'critical'
        for (const { tier: who, pauseMs, calls } of given) {
          account.host.clock += pauseMs
          for (let i = 0; i < calls; i++) {
            const lately = account.spent.filter(
              (spent) => isCritical(spent) && spent.at > account.host.clock - ms - ms / WINDOW_SLOTS,
            )
            const waitMs = account.call(who)
            if (who === 'critical' && lately.length < share) expect(waitMs).toBe(0)
          }
        }
        expect(account.most(ms, (spent) => !isCritical(spent))).toBeLessThanOrEqual(units - share)
      }),
    )
  })
})

describe('a day', () => {
  const midnight = Math.floor(1_700_000_000_000 / DAY_MS) * DAY_MS

  test('B-63 API-3 TIE-5: what is left is spread over what is left of the day; an hour of it may go at once', () => {
    const account = new Account({ daily: { units: 2_400, resets: '00:00' } }, { hasCritical: false })
    account.host.clock = midnight + DAY_MS
    expect(account.drain('operational')).toBe(100)
    for (let hour = 1; hour <= 23; hour++) {
      account.host.clock += DAY_MS / 24
      const made = account.drain('operational')
      expect(made).toBeGreaterThanOrEqual(94)
      expect(made).toBeLessThanOrEqual(101)
    }
    // What a rest has left is spread anew: twice as much for each hour of half a day.
    const rested = new Account({ daily: { units: 2_400, resets: '00:00' } }, { hasCritical: false })
    rested.host.clock = midnight + DAY_MS / 2
    rested.drain('operational')
    rested.host.clock += DAY_MS / 48
    expect(rested.drain('operational')).toBeGreaterThanOrEqual(98)
  })

  test.each(['rolling', '00:00', '13:30'])(
    'B-63 never more than the quota, however it is asked for: %s',
    (resets) => {
      const waits = fc.array(fc.record({ tier, pauseMs: fc.integer({ min: 0, max: DAY_MS / 4 }) }), {
        minLength: 20,
        maxLength: 60,
      })
      fc.assert(
        fc.property(waits, (given) => {
          const account = new Account({ daily: { units: 40, resets } })
          for (const { tier: who, pauseMs } of given) {
            account.host.clock += pauseMs
            for (let i = 0; i < 5; i++) account.call(who)
          }
          const [hours, minutes] =
            resets === 'rolling' ? [0, 0] : (resets.split(':').map(Number) as [number, number])
          const startsAt = (hours * 60 + minutes) * 60_000
          const days = new Map<number, number>()
          for (const { at } of account.spent) {
            const day = Math.floor((at - startsAt) / DAY_MS)
            days.set(day, (days.get(day) ?? 0) + 1)
          }
          const most = resets === 'rolling' ? account.most(DAY_MS) : Math.max(...days.values())
          expect(most).toBeLessThanOrEqual(40)
        }),
      )
    },
  )

  test('B-64 RES-3: a used-up quota makes the others wait for the reset, while the critical tier has its reserve', () => {
    const account = new Account({ daily: { units: 100, resets: '00:00' }, reserve: 0.2 })
    account.host.clock = midnight + DAY_MS - 1
    // Nearly midnight: all that is left may go now.
    for (let i = 0; i < 200; i++) {
      account.host.clock = midnight + DAY_MS - 1
      if (account.call('operational') > 0) break
    }
    const spent = account.spent.length
    expect(spent).toBeLessThanOrEqual(80)
    account.host.clock = midnight + DAY_MS
    while (account.spent.length - spent < 80) {
      if (account.call('operational') > 0) account.host.clock += 60_000
    }
    const waitMs = account.call('operational')
    expect(account.host.clock + waitMs).toBe(midnight + 2 * DAY_MS)
    expect(account.drain('critical')).toBe(20)
    expect(account.call('critical')).toBe(waitMs)
    account.host.clock += waitMs
    expect(account.call('operational')).toBe(0)
  })
})

describe('what the system tells', () => {
  function told(
    account: Account,
    allowance: Parameters<NonNullable<ReturnType<Grant['call']>['allowance']>>[0],
  ): void {
    const grant = account.ask('critical')
    if (!(grant instanceof Grant)) throw new Error(`no grant for ${grant} ms`)
    const call = grant.call('write', new AbortController().signal)
    call.spend?.()
    call.allowance?.(allowance)
    grant.end('done')
  }

  test('B-65 no more is spent than is left by its own words, until its reset', () => {
    const account = new Account({}, { hasCritical: false })
    told(account, { limit: 'burst', remaining: 5, max: 100, resetsInMs: 10_000 })
    expect(account.drain('operational')).toBe(5)
    expect(account.call('operational')).toBe(10_000)
    account.host.clock += 9_999
    expect(account.call('operational')).toBe(1)
    account.host.clock += 1
    expect(account.call('operational')).toBe(0)
    expect(account.budget.state().limits).toMatchObject([{ limit: 'burst', max: 100 }])
  })

  test('B-65 B-63 a told limit of hours is paced, and its reserve kept', () => {
    const account = new Account({})
    told(account, { limit: 'daily', remaining: 48_000, max: 48_000, resetsInMs: DAY_MS })
    expect(account.drain('operational')).toBe(1_800)
    account.host.clock += DAY_MS / 24
    expect(account.drain('operational')).toBeGreaterThan(1_700)
    told(account, { limit: 'daily', remaining: 4_800, max: 48_000, resetsInMs: DAY_MS / 2 })
    expect(account.call('operational')).toBe(DAY_MS / 2)
    expect(account.call('critical')).toBe(0)
  })

  test('B-65 calls on their way are not in what an answer tells', () => {
    const account = new Account({}, { hasCritical: false })
    const [first, second] = [account.ask('operational'), account.ask('operational')] as [Grant, Grant]
    account.send(second, 'operational')
    const call = first.call('write', new AbortController().signal)
    call.spend?.()
    call.allowance?.({ limit: 'x', remaining: 3, resetsInMs: 60_000 })
    first.end('done')
    second.end('done')
    expect(account.drain('operational')).toBe(2)
  })

  test('B-65 it narrows and never widens what was configured', () => {
    const account = new Account({ windows: [{ units: 3, ms: 1_000 }] }, { hasCritical: false })
    told(account, { limit: 'daily', remaining: 1_000_000, max: 1_000_000, resetsInMs: 1_000 })
    expect(account.drain('operational')).toBe(2)
  })

  test('B-65 a limit that is told without a reset is believed for ten minutes', () => {
    const account = new Account({}, { hasCritical: false })
    told(account, { limit: 'daily', remaining: 0, max: 15_000 })
    expect(account.call('operational')).toBe(TOLD_BELIEVED_MS)
    account.host.clock += TOLD_BELIEVED_MS - 1
    expect(account.call('operational')).toBe(1)
    account.host.clock += 1
    expect(account.call('operational')).toBe(0)
  })

  test('B-65 nonsense is not believed, and no more limits are listened to than there can be', () => {
    const account = new Account({}, { hasCritical: false })
    told(account, { limit: 'daily', remaining: Number.NaN })
    told(account, { limit: 'daily', remaining: -7, max: -1, resetsInMs: -60_000 })
    expect(account.call('operational')).toBe(0)
    for (let i = 0; i <= TOLD_LIMITS_MAX; i++)
      told(account, { limit: `limit ${i}`, remaining: 1_000, resetsInMs: 1_000 })
    expect(account.budget.state().limits).toHaveLength(TOLD_LIMITS_MAX)
  })

  test('API-8: a told number of calls at once is kept', () => {
    const account = new Account({}, { hasCritical: false })
    told(account, { limit: 'concurrent', remaining: 1, max: 2 })
    const grants = [account.ask('operational'), account.ask('operational'), account.ask('operational')]
    expect(grants.map((grant) => grant instanceof Grant)).toEqual([true, true, false])
    expect(grants[2]).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('calls at once', () => {
  test('B-61 B-64 so many and no more, one of them for the critical tier; whoever waits hears when one ends', () => {
    const account = new Account({ concurrency: 4 })
    const grants = [1, 2, 3].map(() => account.ask('operational') as Grant)
    expect(account.ask('operational')).toBe(Number.POSITIVE_INFINITY)
    const critical = account.ask('critical') as Grant
    expect(account.ask('critical')).toBe(Number.POSITIVE_INFINITY)
    let heard = 0
    const stop = account.budget.onRoom(() => {
      heard += 1
    })
    critical.end('done')
    expect([heard, account.ask('operational'), account.budget.state().underWay]).toEqual([
      1,
      Number.POSITIVE_INFINITY,
      3,
    ])
    grants[0]!.cancel()
    stop()
    expect(account.ask('operational')).toBeInstanceOf(Grant)
    expect(heard).toBe(2)
  })

  test('API-8: B-61 B-62 however calls overlap, are sent late or not at all, no limit is passed, and none leaks away', () => {
    const step = fc.oneof(
      fc.record({ ask: tier }),
      fc.record({ send: fc.nat(9), end: fc.boolean() }),
      fc.record({ pauseMs: fc.integer({ min: 0, max: 300 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const account = new Account({ windows: [{ units: 6, ms: 1_000 }], concurrency: 4 })
        const open: { grant: Grant; who: Tier }[] = []
        for (const given of steps) {
          if ('pauseMs' in given) account.host.clock += given.pauseMs
          else if ('ask' in given) {
            const grant = account.ask(given.ask)
            if (grant instanceof Grant) open.push({ grant, who: given.ask })
          } else if (open[given.send]) {
            const [{ grant, who }] = open.splice(given.send, 1) as [(typeof open)[number]]
            if (given.end) {
              account.send(grant, who)
              grant.end('done')
            } else grant.cancel()
          }
          expect(open.length).toBeLessThanOrEqual(4)
          expect(account.budget.state().underWay).toBe(open.length)
        }
        expect(account.most(1_000)).toBeLessThanOrEqual(6)
        for (const { grant } of open) grant.cancel()
        account.host.clock += 1_100
        expect(account.drain('critical')).toBe(6)
      }),
    )
  })

  test('a job takes no place among them', () => {
    const account = new Account({ concurrency: 1 }, { hasCritical: false })
    expect(account.ask('operational', 'bulk')).toBeInstanceOf(Grant)
    expect(account.ask('operational')).toBeInstanceOf(Grant)
    expect(account.ask('operational')).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('costs', () => {
  test('B-61 a call that says nothing costs one, one that was not made nothing', () => {
    const account = new Account({ windows: [{ units: 5, ms: 1_000 }] }, { hasCritical: false })
    const { signal } = new AbortController()
    const grant = account.ask('operational') as Grant
    grant.call('read', signal)
    grant.call('write', signal)
    grant.call('write', signal).spend?.()
    grant.end('done')
    ;(account.ask('operational') as Grant).cancel()
    expect(account.budget.state().limits).toMatchObject([{ left: 2 }])
  })

  test('B-61 as much is kept as such a call has cost lately, so that the next one stays within the limit', () => {
    const account = new Account({ windows: [{ units: 10, ms: 1_000 }] }, { hasCritical: false })
    expect(account.call('operational', 'write', 4)).toBe(0)
    expect(account.call('operational', 'write', 4)).toBe(0)
    expect(account.call('operational', 'write', 4)).toBe(1_000)
    expect(account.call('operational', 'read')).toBe(0)
    const grant = account.ask('operational', 'read') as Grant
    expect(account.budget.state().limits).toMatchObject([{ left: 0 }])
    grant.cancel()
    expect(account.most(1_000)).toBeLessThanOrEqual(10)
  })

  test('a call that costs more than a limit ever has waits for all of it, and is then made', () => {
    const account = new Account({ windows: [{ units: 2, ms: 1_000 }] }, { hasCritical: false })
    expect(account.call('operational', 'write', 7)).toBe(0)
    expect(account.call('operational', 'write', 7)).toBe(1_000)
    account.host.clock += 1_000
    expect(account.call('operational', 'write', 7)).toBe(0)
  })
})

test('API-1: B-67 a pool has limits of its own, and counts in those of the account', () => {
  const account = new Account(
    {
      windows: [{ units: 10, ms: 1_000 }],
      pools: { list: { windows: [{ units: 2, ms: 1_000 }] }, bulk: { daily: { units: 3 } } },
    },
    { hasCritical: false },
  )
  expect([account.drain('operational', 'list'), account.drain('operational', 'bulk')]).toEqual([2, 1])
  expect(account.drain('operational', 'write')).toBe(7)
  expect(account.call('operational', 'read')).toBeGreaterThan(0)
  const names = account.budget.state().limits.map(({ limit, pool }) => [limit, pool])
  expect(names).toEqual([
    ['10/1000ms', undefined],
    ['2/1000ms', 'list'],
    ['daily', 'bulk'],
  ])
})

describe('credentials', () => {
  test('API-4 SCA-3 B-66 calls are spread by what each has left, and each keeps its own limits', () => {
    const credentials = ['ann', 'ben', 'cho']
    const account = new Account(
      { each: { windows: [{ units: 4, ms: 1_000 }] } },
      { hasCritical: false, credentials },
    )
    expect(account.drain('operational')).toBe(12)
    for (const name of credentials)
      expect(account.most(1_000, ({ credential }) => credential === name)).toBe(4)
    const firstThree = account.spent.slice(0, 3).map(({ credential }) => credential)
    expect(firstThree.sort()).toEqual(credentials)
  })

  test('B-66 one that is told to wait leaves the calls to the others, and is not lost', () => {
    const account = new Account({}, { hasCritical: false, credentials: ['ann', 'ben'] })
    const grant = account.ask('operational') as Grant
    const { credential } = grant.call('write', new AbortController().signal)
    grant.end('later', 60_000)
    expect(account.budget.pauseMs).toBe(0)
    for (let i = 0; i < 5; i++) account.call('operational')
    expect(account.spent.every((spent) => spent.credential !== credential)).toBe(true)
    ;(account.ask('operational') as Grant).end('unauthorized')
    expect(account.budget.pauseMs).toBeGreaterThan(0)
    account.host.clock += 60_000
    expect(account.call('operational')).toBe(0)
  })

  test('B-44 B-66 a time to come back is kept by all, also where it is not known what became of the call', () => {
    const account = new Account({}, { hasCritical: false })
    ;(account.ask('operational') as Grant).end('unknown', 60_000)
    expect(account.call('critical')).toBe(60_000)
    account.host.clock += 60_000
    ;(account.ask('operational') as Grant).end('unknown', RETRY_AFTER_MS_MAX + 1)
    expect(account.budget.pauseMs).toBe(RETRY_AFTER_MS_MAX)
  })

  test('B-66 limits of the account hold for all of them together', () => {
    const account = new Account(
      { windows: [{ units: 5, ms: 1_000 }], each: { windows: [{ units: 4, ms: 1_000 }] } },
      { hasCritical: false, credentials: ['ann', 'ben'] },
    )
    expect(account.drain('operational')).toBe(5)
  })

  test('bridges that join later add theirs, up to as many as are balanced', () => {
    const account = new Account({}, { credentials: ['ann'] })
    account.budget.join({ credentials: ['ben', 'ann'], hasCritical: false })
    account.call('operational')
    account.call('operational')
    expect(account.spent.map(({ credential }) => credential).sort()).toEqual(['ann', 'ben'])
    const many = Array.from({ length: CREDENTIALS_MAX - 2 }, (_, i) => `c${i}`)
    account.budget.join({ credentials: many, hasCritical: false })
    expect(() => account.budget.join({ credentials: ['one more'], hasCritical: false })).toThrow(
      `${CREDENTIALS_MAX + 1} credentials for one account; at most ${CREDENTIALS_MAX}`,
    )
  })
})

describe('fault T3: B-68 clocks', () => {
  const config = { windows: [{ units: 5, ms: 60_000 }], daily: { units: 1_000, resets: '00:00' } }

  test.each([-DAY_MS, -3_600_000, 10 * 365 * DAY_MS])(
    'a leap of %d ms blocks nobody, and what has passed since counts',
    (leapMs) => {
      const account = new Account(config, { hasCritical: false })
      account.drain('operational')
      account.host.clock += leapMs
      account.drain('operational')
      account.host.clock += 60_000 + 600
      expect(account.drain('operational')).toBe(5)
      account.host.clock -= leapMs
      account.drain('operational')
      account.host.clock += 60_000 + 600
      expect(account.drain('operational')).toBe(5)
    },
  )

  test('a day that has begun does not begin again when the clock goes back over its beginning', () => {
    const account = new Account({ daily: { units: 24, resets: '00:00' } }, { hasCritical: false })
    const midnight = Math.ceil(account.host.clock / DAY_MS) * DAY_MS
    account.host.clock = midnight
    while (account.spent.length < 24) {
      account.host.clock += 1_000
      account.call('critical')
    }
    account.host.clock = midnight - 3_600_000
    account.drain('critical')
    account.host.clock = midnight + 3_600_000
    account.drain('critical')
    expect(account.spent).toHaveLength(24)
    account.host.clock = midnight + DAY_MS
    expect(account.call('critical')).toBe(0)
  })

  test('ten years ahead and back again is one day more, not ten years without any', () => {
    const account = new Account({ daily: { units: 24, resets: '00:00' } }, { hasCritical: false })
    account.drain('critical')
    account.host.clock += 3_650 * DAY_MS
    account.drain('critical')
    account.host.clock -= 3_650 * DAY_MS
    expect(account.drain('critical')).toBe(0)
    expect(account.spent).toHaveLength(48)
    account.host.clock += DAY_MS
    expect(account.drain('critical')).toBe(24)
  })
})

test('TIE-4: B-64 where nothing is critical, nothing is reserved', () => {
  const account = new Account({ windows: [{ units: 10, ms: 1_000 }] }, { hasCritical: false })
  expect(account.drain('operational')).toBe(10)
})

test.each([
  [{ daly: { units: 5 } }, 'budget: : Unrecognized key: "daly"'],
  [{ daily: { units: 0 } }, 'budget: daily.units'],
  [{ daily: { units: 5, resets: '25:00' } }, "daily.resets: want 'rolling' or a time of day in UTC"],
  [{ windows: [{ units: 5, ms: 0 }] }, 'windows.0.ms'],
  [{ windows: [{ units: 5, ms: DAY_MS + 1 }] }, 'windows.0.ms'],
  [{ windows: Array.from({ length: 9 }, () => ({ units: 5, ms: 5 })) }, 'windows'],
  [{ concurrency: 51 }, 'concurrency'],
  [{ reserve: 0.91 }, 'reserve'],
  [{ pools: { search: {} } }, 'pools'],
])('%j is refused, saying where', (config, message) => {
  expect(() => new Budget(config as BudgetConfig, testHost())).toThrow(message)
})

test('what stands at a limit is taken', () => {
  const windows = Array.from({ length: 8 }, () => ({ units: 1, ms: DAY_MS }))
  const config = { windows, concurrency: 50, reserve: 0.9, daily: { units: 1, resets: '23:59' } }
  expect(new Budget(config, testHost()).state().limits).toHaveLength(9)
})
