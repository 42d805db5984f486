/** What the admin side may change while the stand-in runs. Lives in memory: a new process starts from its options. */
import * as z from 'zod'
import { rateCallsMax } from '../limits.ts'
import { searchCallsMax, searchResultsMax, webhookScheduleMs } from './limits.ts'

export type HubSpotSettings = {
  /** Life of an access token of OAuth. */
  tokenSeconds: number
  /** Calls of one app in ten seconds. */
  burstCalls: number
  /** Calls of the whole account in one second that search. */
  searchCalls: number
  /** Calls of all private apps of the account from midnight to midnight, UTC. */
  dailyCalls: number
  /** Results of one query that can be paged to. */
  searchResults: number
  /** Milliseconds that pass before a search knows of a change. */
  searchLagMs: number
  /** Nobody is let in: every token has ended, and none is given. */
  lockedOut: boolean
  /** Milliseconds to wait before the second, third ... attempt of a webhook. */
  webhookScheduleMs: number[]
}

export const defaultHubSpotSettings: HubSpotSettings = {
  tokenSeconds: 1_800,
  burstCalls: 190,
  searchCalls: searchCallsMax,
  dailyCalls: 650_000,
  searchResults: searchResultsMax,
  searchLagMs: 2_000,
  lockedOut: false,
  webhookScheduleMs: [...webhookScheduleMs],
}

const calls = z.int().min(0).max(rateCallsMax)

export const hubspotSettingsSchema = z.strictObject({
  tokenSeconds: z.int().min(1).max(31_536_000),
  burstCalls: calls,
  searchCalls: calls,
  dailyCalls: z.int().min(0).max(1_000_000_000),
  searchResults: z.int().min(0).max(searchResultsMax),
  searchLagMs: z.int().min(0).max(3_600_000),
  lockedOut: z.boolean(),
  webhookScheduleMs: z.array(z.int().min(0).max(86_400_000)).max(20),
})
