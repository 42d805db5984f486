/** The contract of the live port over tabs of a browser in memory, in both modes. */
import { liveOver } from '@skerry/live'
import { contractSpace, liveContract } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import { beforeAll } from 'vitest'
import { Bed, type Mode } from './tabs.test-support.ts'

beforeAll(startEngine)

for (const mode of ['shared', 'leader'] satisfies Mode[])
  liveContract(
    `over tabs, ${mode} mode`,
    async (options) => {
      const space = await contractSpace(options)
      const bed: Bed = new Bed({
        mode,
        async open() {
          // The replica of a worker that died is on the disk.
          const replica = bed.opened === 1 ? space.edge : await space.reopen()
          const live = liveOver(replica, { host: space.host, connect: () => space.connect() })
          return { live, close: async () => undefined }
        },
      })
      const first = bed.page()
      const second = bed.page()
      await second.live.identity
      return {
        space,
        live: mode === 'shared' ? first.live : second.live,
        page: async () => bed.page().live,
        async afterPowerLoss() {
          bed.kill()
          const { live } = bed.page()
          await live.identity
          return live
        },
        async move() {
          if (mode === 'shared') bed.worker.kill()
          else first.agent.kill()
        },
        async close() {
          await bed.close()
          await space.close()
        },
      }
    },
    { moves: true },
  )
