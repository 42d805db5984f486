import { expect, test } from 'vitest'
import { runInThreads } from './threads.ts'

const script = new URL('./stuck-worker.test-support.ts', import.meta.url)

async function run(keepGoing: boolean) {
  let done = 0
  const progress = { done: () => void done++, failed: () => undefined }
  const failures = await runInThreads({ first: 1, count: 10, jobs: 2, keepGoing, progress, script })
  return { done, failures }
}

test('a thread that ends in the middle of a seed is a failure of that seed, and another goes on behind it', async () => {
  const { done, failures } = await run(true)
  expect([...failures.keys()]).toEqual([5])
  expect(failures.get(5)).toContain('never comes')
  expect(done).toBe(10)
})

test('without being told to go on, that is the end', async () => {
  const { failures } = await run(false)
  expect([...failures.keys()]).toEqual([5])
})
