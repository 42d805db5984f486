/** Views are shown for a while and then gone: none is left at rest, and an honest hub never shows what its entries do not say. */
import type { NodeFace, ProcessFace } from '../nodes/surroundings.ts'
import { OracleFailed } from './oracle-failed.ts'

export function checkViewEvent({ name }: NodeFace, code: string, message: string): OracleFailed | undefined {
  const isWrong = code === 'view-mismatch' || code === 'view-unreadable'
  return isWrong ? new OracleFailed('views', `${name}: ${message}`) : undefined
}

export function checkViews(
  nodes: readonly { name: string; running: Pick<ProcessFace, 'replica'> | undefined }[],
): void {
  for (const { name, running } of nodes) {
    const unverified = running!.replica.unverified()
    if (unverified > 0)
      throw new OracleFailed('views', `${name} is at rest and shows ${unverified} records by views alone`)
  }
}
