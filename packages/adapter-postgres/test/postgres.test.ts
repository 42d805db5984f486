/** Everything that wants a real PostgreSQL, on one: the adapter contract, the log, writing. */
import { adapterContract } from '@skerry/bridge/testing'
import { whereThereIs } from '@skerry/systems/testing'
import { afterAll, describe } from 'vitest'
import { logTests } from './log.ts'
import { lazyStand } from './stand.ts'
import { type Kind, openSubject } from './subject.ts'
import { writingTests } from './writing.ts'

const stand = lazyStand()
afterAll(() => stand.close())

const byLog: Kind = { options: { changes: { by: 'log' } } }
const byOutbox: Kind = { options: { changes: { by: 'outbox' }, calls: {} }, version: { column: 'rev' } }
const byTime: Kind = { options: { changes: { by: 'time' } }, version: 'digest' }
const open = (kind: Kind) => async () => openSubject(await stand.get(), kind)

whereThereIs('postgres', () => {
  adapterContract('postgres by its log, versions by xmin', open(byLog))
  describe('CDC-5: an outbox that triggers fill', () => {
    // What the difference is about: changes, writing, lost answers.
    adapterContract('postgres by an outbox, versions by a column, answers kept', open(byOutbox), {
      rules: /^K-(1|3|5[0-2]|63|80)/,
    })
  })
  adapterContract('postgres by time, versions by digest', open(byTime), { rules: /^K-(05|1|21|33|35|80)/ })
  describe('CDC-1 CDC-3: the log of a database', () => logTests(stand))
  writingTests(stand)
})
