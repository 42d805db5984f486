/** What every contender's page does when it is measured: the same steps and the same clock for all. The page begins at once, as an app does; the rest is called from outside. */
import { exposed } from '@skerry/browser-test/page'
import { type Admission, EDIT_PATH, type EditThere } from '../admission.ts'
import type { EditTimes, FirstSync, Rounds, SecondStart } from '../page-times.ts'
import { bareWrites } from './bare-writes.ts'
import type { ContenderPage } from './contender-page.ts'
import { setStrict } from './durability.ts'
import { List } from './list.ts'
import { longTasks } from './long-tasks.ts'

/** Of the page's address: absent where the profile is new. */
const RECORDS = 'records'

/** Edits are spread over all records; a prime, so that none comes twice among 10,000. */
const STRIDE = 37

export function measured<Item>(contender: ContenderPage<Item>): void {
  const list = new List(contender)
  const wanted = new URL(location.href).searchParams.get(RECORDS)
  const opened = contender.open({ isNew: wanted === null, told: list.told })
  const whole = wanted === null ? undefined : list.whole(Number(wanted))
  opened.catch((error: unknown) => console.error(error))

  exposed({
    publicKey: () => opened,
    connect: (admission: Admission) => contender.connect(admission),
    stayOffline: () => contender.stayOffline?.(),
    settled: () => contender.settled(),
    check: (records: number) => list.check(records),

    async firstSync(admission: Admission, records: number, limitMs: number): Promise<FirstSync> {
      await longTasks()
      const from = performance.now()
      const done = async () => {
        const wholeMs = (await list.whole(records)) - from
        await contender.settled()
        return { wholeMs, settledMs: performance.now() - from }
      }
      const connected = contender.connect(admission)
      const times = await inTime(
        limitMs,
        Promise.all([done(), connected]).then(([told]) => told),
      )
      const { wholeMs, settledMs } = times ?? {}
      return { wholeMs, settledMs, shown: list.items.length, tasks: await longTasks() }
    },

    async secondStart(limitMs: number): Promise<SecondStart> {
      const wholeMs = await inTime(limitMs, whole ?? Promise.resolve(undefined))
      return { wholeMs, shown: list.items.length, tasks: await longTasks() }
    },

    /** One edit after another, each when the one before is durable and shown; `strict`: on disk (`durability.ts`). */
    async edits({ records, rounds, mark }: Rounds, strict: boolean): Promise<EditTimes> {
      setStrict(strict)
      const times: EditTimes = { durableMs: [], shownMs: [] }
      for (let round = 0; round < rounds; round++) {
        const number = ((mark + round) * STRIDE) % records
        const item = list.item(number)
        const from = performance.now()
        const shown = list.shows(number, mark + round)
        await contender.edit(item, mark + round)
        times.durableMs.push(performance.now() - from)
        times.shownMs.push((await shown) - from)
      }
      setStrict(false)
      return times
    },

    /** Milliseconds of strict transactions of an edit's size; undefined where that is not told. */
    async bare(rounds: number): Promise<number[] | undefined> {
      const bytes = await contender.valuesOfEdit?.()
      return bytes && bareWrites({ bytes, rounds })
    },

    /** Milliseconds from the request to the server until the list shows what it changed; the request is the same for all. */
    async editsThere({ records, rounds, mark }: Rounds): Promise<number[]> {
      const times: number[] = []
      for (let round = 0; round < rounds; round++) {
        const number = ((mark + round) * STRIDE) % records
        const body = JSON.stringify({ number, mark: mark + round } satisfies EditThere)
        const from = performance.now()
        const shown = list.shows(number, mark + round)
        const response = await fetch(EDIT_PATH, { method: 'POST', body })
        if (!response.ok) throw new Error(`the server's edit: ${response.status} ${await response.text()}`)
        times.push((await shown) - from)
      }
      return times
    },
  })
}

function inTime<Value>(limitMs: number, value: Promise<Value>): Promise<Value | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Value | undefined>()
  const timer = setTimeout(() => resolve(undefined), limitMs)
  value.then(resolve, reject)
  return promise.finally(() => clearTimeout(timer))
}
