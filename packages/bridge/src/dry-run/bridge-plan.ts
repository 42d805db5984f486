/** What a dry run tells: for each mapping what would be made, changed, passed over and held, and what that costs (SPEC B-181 to B-183). */
import type { Json } from '@skerry/core'
import type { BudgetState } from '../budget/budget.ts'
import type { WriteKind } from '../outbox.ts'
import type { Units } from './counted.ts'

/** One field of a line: what it is now, and what it becomes. */
export interface PlannedField {
  /** By the name that the side has for it that is changed. */
  name: string
  from: Json
  to: Json
}

export type PlanLine =
  /** A write to the system. `row`: absent for one that is to be made. */
  | { side: 'there'; what: WriteKind; record: string; row?: string; fields: PlannedField[] }
  /** A change of a record. */
  | { side: 'here'; what: 'create' | 'update' | 'delete'; record: string; fields: PlannedField[] }
  /** What a person must decide, mend or allow first, and why. */
  | { side: 'held'; what: HeldKind; record?: string; row?: string; why: string }

export type HeldKind =
  /** Conflicts whose rule is `review`. */
  | 'review'
  /** A row and records that may be the same thing. */
  | 'pair'
  /** Writes of the tier `reference`. */
  | 'approval'
  /** Records that wait for another one's row. */
  | 'parent'
  /** Writes that the mapping cannot make. */
  | 'dead'
  /** Rows that fit neither mapping nor schema. */
  | 'unread'

export interface MappingPlan {
  collection: string
  type: string
  /** Writes, each a call or a part of one. */
  there: Record<WriteKind, number>
  /** Records. */
  here: { create: number; update: number; delete: number }
  /** Rows and records that were found to be the same thing. */
  linked: number
  /** Rows and records that are linked, and equal already. */
  equal: number
  /** Rows that a filter or direction leaves out; absent where the system did not show all. Records likewise. */
  left: { rows?: number; records: number }
  held: Record<HeldKind, number>
  /** The first ones. */
  lines: PlanLine[]
  /** Lines that are not among them. */
  more: number
}

/** A limit of the account as it is now, and what the run needs of it. */
export type LimitPlan = BudgetState['limits'][number] & { needs: number }

export interface BridgePlan {
  system: string
  mappings: MappingPlan[]
  cost: {
    /** Units that the run needs; those for reads and lists were spent by the dry run too. */
    units: Units
    spent: Units
    limits: LimitPlan[]
  }
}
