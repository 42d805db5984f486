/** One test of the contract. */
import type { LiveQuery, LiveReplica } from '../port.ts'
import type { LiveSubject } from './subject.ts'
import { ToldSplices } from './told.ts'

export interface LiveCase {
  title: string
  /** The device has a credential. Default true. */
  enrolled?: boolean
  run(subject: LiveSubject): Promise<void>
}

/** All jobs, but for what `more` says. */
export function watching(live: LiveReplica, more: Partial<LiveQuery> = {}): ToldSplices {
  const splices = new ToldSplices()
  live.watch({ collection: 'jobs', where: {}, orderBy: [], ...more }, splices.told, splices.failed)
  return splices
}
