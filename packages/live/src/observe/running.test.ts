/** A watch that fails is begun again by itself, and nothing is begun for nobody. */
import { LiveError, type LiveReplica } from '@skerry/live'
import { expect, test } from 'vitest'
import { AGAIN_MS_MAX, AGAIN_MS_MIN, GRACE_MS, shared, type Timers } from './running.ts'

/** Time that passes when it is told to. */
function manualTimers() {
  const waiting = new Map<() => void, number>()
  let now = 0
  const timers: Timers = {
    after(ms, run) {
      waiting.set(run, now + ms)
      return () => waiting.delete(run)
    },
  }
  const pass = (ms: number) => {
    now += ms
    for (const [run, at] of [...waiting]) if (at <= now && waiting.delete(run)) run()
  }
  return { timers, pass, waits: () => [...waiting.values()].map((at) => at - now) }
}

function observed() {
  const { timers, pass, waits } = manualTimers()
  const begun: { told(value: number): void; failed(code?: string): void; isStopped: boolean }[] = []
  const observable = shared<string>(
    {} as LiveReplica,
    {
      key: 'one',
      initial: 'loading',
      start: (_, told, failed) => {
        const one = {
          told: (value: number) => told(`ready ${value}`),
          failed: (code = 'io') => failed(new LiveError('StoreError', code, 'the disk is gone')),
          isStopped: false,
        }
        begun.push(one)
        return () => {
          one.isStopped = true
        }
      },
      afterFailure: (last, { code }) => `failed ${code} after ${last}`,
    },
    timers,
  )
  return { observable, begun, pass, waits }
}

const none = () => undefined

test('a watch that failed says so, and is begun again by itself', () => {
  const { observable, begun, pass } = observed()
  const shown: string[] = []
  observable.subscribe(() => shown.push(observable.get()))
  begun[0]!.told(1)
  begun[0]!.failed()
  pass(AGAIN_MS_MIN - 1)
  expect(begun.length).toBe(1)
  pass(1)
  expect([begun.length, observable.get()]).toEqual([2, 'failed io after ready 1'])
  begun[0]!.told(7)
  begun[1]!.told(2)
  expect(shown).toEqual(['ready 1', 'failed io after ready 1', 'ready 2'])
})

test('each wait is twice the one before, up to a limit, until something is told', () => {
  const { observable, begun, pass, waits } = observed()
  observable.subscribe(none)
  const waited: number[] = []
  for (let failures = 0; failures < 9; failures++) {
    begun.at(-1)!.failed()
    waited.push(waits()[0]!)
    pass(waits()[0]!)
  }
  expect(waited).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000))
  expect(waited.at(-1)).toBe(AGAIN_MS_MAX)
  begun.at(-1)!.told(1)
  begun.at(-1)!.failed()
  expect(waits()).toEqual([AGAIN_MS_MIN])
})

test('nothing is begun again when nobody listens, and at once when somebody does', () => {
  const { observable, begun, pass, waits } = observed()
  const stop = observable.subscribe(none)
  begun[0]!.failed()
  stop()
  expect(waits()).toEqual([GRACE_MS])
  pass(AGAIN_MS_MAX)
  expect([begun.length, waits()]).toEqual([1, []])
  const again = observable.subscribe(none)
  begun[1]!.failed()
  observable.subscribe(none)
  expect([begun.length, waits()]).toEqual([3, []])
  again()
  expect(begun[2]!.isStopped).toBe(false)
})

test('a watch that fails while it lingers is not begun again', () => {
  const { observable, begun, pass, waits } = observed()
  observable.subscribe(none)()
  begun[0]!.failed()
  expect(waits()).toEqual([GRACE_MS])
  pass(GRACE_MS)
  expect(begun.length).toBe(1)
})

test.each(['closed', 'reload'])('after %s there is nothing to be had of this replica', (code) => {
  const { observable, begun, waits } = observed()
  observable.subscribe(none)
  begun[0]!.failed(code)
  expect([waits(), observable.get()]).toEqual([[], `failed ${code} after loading`])
})
