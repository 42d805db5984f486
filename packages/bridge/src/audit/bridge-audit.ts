/** The audit log of a running bridge, as its operator sees it. */
import type { Shared } from '../bridge-life.ts'
import { SOMEBODY } from '../delivery/choice.ts'
import { AUDIT_CUT_INTERVAL_MS, DAY_MS } from '../limits.ts'
import type { AuditConfig } from './audit-config.ts'
import type { AuditHead } from './audit-entry.ts'
import { type Lineage, lineageOf } from './lineage.ts'
import { type CutOptions, cutAudit } from './retention.ts'
import { type AuditVerdict, verifyAudit } from './verify-audit.ts'

export class BridgeAudit {
  readonly #shared: Shared
  readonly #config: AuditConfig | false

  constructor(shared: Shared, config: AuditConfig | false) {
    this.#shared = shared
    this.#config = config
  }

  /** Whether the log is whole. @param noted a head that was noted earlier: it must still be in it */
  verify(noted?: AuditHead): Promise<AuditVerdict> {
    const { replica, context } = this.#shared
    return verifyAudit(replica, context.system, context.host, noted)
  }

  /**
   * Where a value comes from and where it went, oldest first.
   * @param of a record's key, or a row @param field the record's or the row's name of it; absent: all that was done for it
   * @throws BridgeError unknown-lineage, unknown-field, damaged-table
   */
  why(of: string | { type: string; row: string }, field?: string): Promise<Lineage> {
    return lineageOf(this.#shared, of, field)
  }

  /** Cuts entries off at the old end. @returns how many @throws BridgeError closed, damaged-table */
  cut({ before, by = SOMEBODY }: Omit<CutOptions, 'by'> & { by?: string }): Promise<number> {
    return cutAudit(this.#shared, { before, by })
  }

  /** What the configuration does not want to keep any longer goes. @returns milliseconds until the next look */
  async cutOld(): Promise<number | undefined> {
    const keepDays = this.#config ? this.#config.keepDays : undefined
    if (keepDays === undefined) return undefined
    const before = this.#shared.context.host.now() - keepDays * DAY_MS
    await cutAudit(this.#shared, { before, by: 'keepDays' })
    return AUDIT_CUT_INTERVAL_MS
  }
}
