/** Around the data: versions, limits, who one is. */
import { apiVersionMax, apiVersionMin } from '../limits.ts'
import type { Endpoint, Reply } from './endpoint.ts'

/** Needs no token, and is not counted. */
export function versions(): Reply {
  const numbers = Array.from({ length: apiVersionMax - apiVersionMin + 1 }, (_, i) => apiVersionMin + i)
  return {
    status: 200,
    body: numbers.map((number) => ({
      label: `Version ${number}`,
      url: `/services/data/v${number}.0`,
      version: `${number}.0`,
    })),
  }
}

export const apiResources: Endpoint = ({ base }) => ({
  status: 200,
  body: Object.fromEntries(
    ['sobjects', 'query', 'queryAll', 'composite', 'limits', 'jobs'].map((name) => [name, `${base}/${name}`]),
  ),
})

export const limits: Endpoint = ({ world }) => {
  const { dailyRequests } = world.settings
  return {
    status: 200,
    body: {
      DailyApiRequests: { Max: dailyRequests, Remaining: Math.max(0, dailyRequests - world.quota.used) },
      DailyBulkV2QueryJobs: { Max: 10_000, Remaining: 10_000 },
    },
  }
}
