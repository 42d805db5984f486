/** What an operator says of the audit log of a bridge. */
import * as z from 'zod'
import { AUDIT_KEPT_DAYS_MAX } from '../limits.ts'

export interface AuditConfig {
  /** `hashed` (default): values can be recognised and not read. `kept`: they stand beside the log as well, until their record is erased or the log is cut (SPEC B-154). */
  values?: 'hashed' | 'kept'
  /** Days after which entries are cut off at the old end; absent: never (SPEC B-155). */
  keepDays?: number
}

export const auditSchema = z.union(
  [
    z.literal(false),
    z.strictObject({
      values: z.enum(['hashed', 'kept']).optional(),
      keepDays: z.number().int().min(1).max(AUDIT_KEPT_DAYS_MAX).optional(),
    }),
  ],
  { error: "want false, or { values: 'hashed' | 'kept', keepDays }" },
)
