import { type LiveReplica, liveOver } from '@skerry/live'
import { contractSpace, liveContract } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import { beforeAll } from 'vitest'

beforeAll(startEngine)

liveContract(
  'over a replica in the same thread',
  async (options) => {
    const space = await contractSpace(options)
    const pages: LiveReplica[] = []
    const page = (connect?: () => ReturnType<typeof space.connect>) => {
      const live = liveOver(space.edge, { host: space.host, ...(connect && { connect }) })
      pages.push(live)
      return live
    }
    const closePages = async () => {
      await Promise.all(pages.splice(0).map((one) => one.close()))
    }
    return {
      space,
      live: page(() => space.connect()),
      page: async () => page(),
      async afterPowerLoss() {
        await closePages()
        await space.reopen()
        return page(() => space.connect())
      },
      async close() {
        await closePages()
        await space.close()
      },
    }
  },
  { moves: false },
)
