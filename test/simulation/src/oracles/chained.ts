/** The audit log of the adapter node is whole, whatever became of its processes and its disk: no append was kept in part. */
import type { AuditVerdict } from '@skerry/bridge'
import { OracleFailed } from './oracle-failed.ts'

export function checkChained({ problem }: AuditVerdict): void {
  if (problem !== undefined) throw new OracleFailed('chained', problem)
}
