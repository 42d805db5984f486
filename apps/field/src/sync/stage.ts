/** How far what was edited here has come: on this device, at the hub, in the office's system. Pure. */
import type { FieldState, Standing } from '@skerry/core'
import type { SyncState } from '@skerry/live'

export type Stage = 'here' | 'hub' | 'office'

/** What was edited is not there, or not yet. */
const awayStates: readonly FieldState[] = ['pending', 'refused', 'review']

function isThere(standing: readonly Standing[] | undefined): boolean {
  return (
    standing !== undefined &&
    standing.length > 0 &&
    standing.every(({ state }) => !awayStates.includes(state))
  )
}

/** @param standing of the order that was edited last, by place; undefined where none was, or it is not known yet */
export function stageOf(
  sync: Pick<SyncState, 'pending'> | undefined,
  standing: Readonly<Record<string, readonly Standing[]>> | undefined,
): Stage {
  if (!sync || sync.pending > 0) return 'here'
  if (!standing || !isThere(standing.hub)) return standing?.hub?.length ? 'here' : 'hub'
  return isThere(standing.crm) ? 'office' : 'hub'
}

/** Of one order. */
export function stageOfOrder(standing: Readonly<Record<string, readonly Standing[]>> | undefined): Stage {
  if (!isThere(standing?.hub)) return 'here'
  return isThere(standing?.crm) ? 'office' : 'hub'
}
