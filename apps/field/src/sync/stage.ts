/** How far what was edited here has come: on this device, at the hub, in the office's system. Pure. */
import type { Standing } from '@skerry/core'
import type { SyncState } from '@skerry/live'

export type Stage = 'here' | 'hub' | 'office'

/** What a place has answered, whatever the answer was. */
function isAnswered(standing: readonly Standing[] | undefined): boolean {
  return standing !== undefined && standing.length > 0 && standing.every(({ state }) => state !== 'pending')
}

/** @param standing of the order that was edited last, by place; undefined where none was, or it is not known yet */
export function stageOf(
  sync: Pick<SyncState, 'pending'> | undefined,
  standing: Readonly<Record<string, readonly Standing[]>> | undefined,
): Stage {
  if (!sync || sync.pending > 0) return 'here'
  if (!standing || !isAnswered(standing.hub)) return standing?.hub?.length ? 'here' : 'hub'
  return isAnswered(standing.crm) ? 'office' : 'hub'
}

/** Of one order. */
export function stageOfOrder(standing: Readonly<Record<string, readonly Standing[]>> | undefined): Stage {
  if (!isAnswered(standing?.hub)) return 'here'
  return isAnswered(standing?.crm) ? 'office' : 'hub'
}
