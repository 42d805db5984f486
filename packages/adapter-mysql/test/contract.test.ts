/** The adapter contract, on a real MariaDB. */
import { adapterContract } from '@skerry/bridge/testing'
import { whereThereIs } from '@skerry/systems/testing'
import { afterAll } from 'vitest'
import { lazyStand } from './stand.ts'
import { openSubject } from './subject.ts'

const stand = lazyStand()
afterAll(() => stand.close())

whereThereIs('mariadb', () => {
  adapterContract('mariadb by its log, versions by digest', async () =>
    openSubject(await stand.get(), { options: { changes: { by: 'log' } } }),
  )
  adapterContract('mariadb by an outbox, versions by a column, answers kept', async () =>
    openSubject(await stand.get(), {
      options: { changes: { by: 'outbox' }, calls: {} },
      version: { column: 'rev' },
    }),
  )
  adapterContract('mariadb by time, versions by digest', async () =>
    openSubject(await stand.get(), { options: { changes: { by: 'time' } } }),
  )
})
