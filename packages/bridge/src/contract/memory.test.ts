/** The reference keeps the contract: with everything there is, and with as little as an adapter may have. */
import { adapterContract } from '@skerry/bridge/testing'
import { memorySubject } from '../../test/memory-subject.ts'

adapterContract('memory', memorySubject)

adapterContract('memory, without versions to compare, batches, a schema or news of deletions', async () => {
  const subject = await memorySubject({
    compareAndSet: false,
    batch: undefined,
    bulk: undefined,
    types: undefined,
    deletions: 'unseen',
  })
  const { listen: _, ...adapter } = subject.adapter
  return {
    ...subject,
    adapter,
    lacks: {
      compareAndSet: 'it was opened without',
      describe: 'its rows hold anything',
      batch: 'it was opened without',
      bulk: 'it was opened without',
      listen: 'it sends no news',
      deletions: 'only a whole listing shows them',
    },
  }
})

adapterContract('memory, that answers a repeat as it did the first time', () =>
  memorySubject({ replays: true }),
)
