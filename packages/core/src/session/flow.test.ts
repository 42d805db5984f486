import { expect, it } from 'vitest'
import { accepted } from './by-hand.test-support.ts'
import * as limit from './limits.ts'
import { scene, settle } from './pair.test-support.ts'

it('O17: tells what is on its way to a peer that takes nothing, and what may still be sent', async () => {
  const s = await scene()
  const { session, link } = await accepted(s.hub, s.edge, { compress: 'never' })
  const before = session.flow
  expect(before).toMatchObject({ unacknowledged: 0, bufferedBytes: 0 })
  expect(before.creditBytes).toBeGreaterThan(limit.INITIAL_CREDIT_BYTES - 1_000)
  const text = 'x'.repeat(100_000)
  const writes = Array.from({ length: 30 }, (_, i) => ({ record: `r/${i}`, channels: ['a'], text }))
  await s.hub.write(...writes)
  await settle(link)
  expect(session.flow.unacknowledged).toBeGreaterThan(0)
  expect(session.flow.creditBytes).toBeLessThan(before.creditBytes - text.length)
})
