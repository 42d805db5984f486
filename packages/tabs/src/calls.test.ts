import { expect, test } from 'vitest'
import { Calls } from './calls.ts'
import { liveAgainOf } from './methods.ts'

test('O-2: an update is rejected as moved only when the page shows what the next server has', async () => {
  const waiting: (() => void)[] = []
  const calls = new Calls(
    liveAgainOf,
    () => undefined,
    (run) => waiting.push(run),
  )
  const told: string[] = []
  const update = calls.call('update', [], true).catch(({ code }: { code: string }) => told.push(code))
  calls.sendAgain()
  await Promise.resolve()
  told.push('shown')
  for (const run of waiting) run()
  await update
  expect(told).toEqual(['shown', 'moved'])
})
