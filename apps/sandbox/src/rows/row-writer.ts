/**
 * The one place where rows change, whoever asks: API client, office user or seed. Each method is one transaction that
 * checks, writes, and announces the change. A write that changes no field commits nothing: no version, no event.
 */
import type { Clock } from '../clock.ts'
import { Problem } from '../problem.ts'
import type { Transactions } from '../transactions.ts'
import { type FieldRules, type Fields, mergeFields } from './fields.ts'
import type { ObjectType } from './object-type.ts'
import { assertPrecondition, type Precondition } from './precondition.ts'
import type { ChangeKind, Row, RowChange } from './row.ts'
import type { RowTable } from './row-table.ts'

/** Who writes, and whether webhooks tell of it (a seed is silent). */
export type Author = { name: string; webhooks: boolean }

export type Written = { row: Row; changed: string[]; created: boolean; committed: boolean }

export type WriteOptions = Precondition & {
  author: Author
  /** Bring a tombstone back instead of refusing the write. */
  undelete?: boolean
  preconditionRequired?: boolean
}

type Parts = {
  types: ReadonlyMap<string, ObjectType>
  rules: FieldRules
  rows: RowTable
  clock: Clock
  transactions: Transactions
  /** Called inside the transaction, so that an event is as durable as its change. */
  onChange: (change: RowChange, author: Author) => void
}

export class RowWriter {
  readonly #parts: Parts
  #lastModifiedAt: number

  constructor(parts: Parts) {
    this.#parts = parts
    this.#lastModifiedAt = parts.rows.lastModifiedAt()
  }

  /** @throws Problem duplicate-external-id with the id of the row that has it, invalid-fields, unknown-type */
  create(type: string, externalId: string | null, patch: unknown, options: WriteOptions): Written {
    return this.#parts.transactions.run(() => {
      const fields = this.#parts.rules.check(type, patch)
      if (externalId !== null) this.#assertFree(type, externalId)
      return this.#insert(type, externalId, fields, options.author)
    })
  }

  /** @throws Problem version-mismatch, precondition-required, deleted, invalid-fields, duplicate-external-id */
  patch(
    type: string,
    found: Row,
    patch: unknown,
    options: WriteOptions & { externalId?: string | undefined },
  ): Written {
    return this.#parts.transactions.run(() => {
      const checkedPatch = this.#parts.rules.check(type, patch)
      assertPrecondition(found, options, options.preconditionRequired ?? false)
      if (found.deleted && !options.undelete) throw gone(found)
      const { fields, changed } = mergeFields(found.fields, checkedPatch)
      const externalId = options.externalId ?? found.externalId
      if (externalId !== found.externalId && externalId !== null) {
        this.#assertFree(type, externalId)
        changed.push('externalId')
      }
      if (changed.length === 0 && !found.deleted) return unchanged(found)
      const kind = found.deleted ? 'undeleted' : 'updated'
      return this.#replace(
        type,
        { ...found, externalId, fields, deleted: false },
        kind,
        changed,
        options.author,
      )
    })
  }

  /** Create, or merge into the row that has this external id. */
  upsert(type: string, externalId: string, patch: unknown, options: WriteOptions): Written {
    return this.#parts.transactions.run(() => {
      const found = this.#parts.rows.byExternalId(type, externalId)
      if (found) return this.patch(type, found, patch, options)
      const fields = this.#parts.rules.check(type, patch)
      assertPrecondition(undefined, options, false)
      return this.#insert(type, externalId, fields, options.author)
    })
  }

  /** Leaves a tombstone; deleting a tombstone changes nothing. */
  remove(type: string, found: Row, options: WriteOptions): Written {
    return this.#parts.transactions.run(() => {
      assertPrecondition(found, options, options.preconditionRequired ?? false)
      if (found.deleted) return unchanged(found)
      return this.#replace(type, { ...found, deleted: true }, 'deleted', [], options.author)
    })
  }

  /** After the tables were emptied. */
  forget(): void {
    this.#lastModifiedAt = 0
  }

  #insert(type: string, externalId: string | null, patch: Fields, author: Author): Written {
    const { fields, changed } = mergeFields({}, patch)
    const prefix = this.#parts.types.get(type)?.idPrefix ?? 'ROW'
    const id = `${prefix}-${String(this.#parts.rows.nextNumber(type)).padStart(6, '0')}`
    const blank = { id, externalId, version: 0, modifiedAt: 0, modifiedBy: '', deleted: false, fields }
    return this.#replace(type, blank, 'created', changed, author)
  }

  #replace(type: string, next: Row, kind: ChangeKind, changed: string[], author: Author): Written {
    const row = { ...next, version: next.version + 1, modifiedAt: this.#stamp(), modifiedBy: author.name }
    this.#parts.rows.put(type, row)
    this.#parts.onChange({ type, kind, row, changed }, author)
    return { row, changed, created: kind === 'created', committed: true }
  }

  /** Commits are stamped in their own order even when the clock steps back; pollers rely on it. */
  #stamp(): number {
    this.#lastModifiedAt = Math.max(this.#parts.clock.now(), this.#lastModifiedAt)
    return this.#lastModifiedAt
  }

  #assertFree(type: string, externalId: string): void {
    const holder = this.#parts.rows.byExternalId(type, externalId)
    if (!holder) return
    throw new Problem('duplicate-external-id', `external id "${externalId}" belongs to ${holder.id}`, {
      members: { existing: { id: holder.id, version: holder.version, deleted: holder.deleted } },
    })
  }
}

function unchanged(row: Row): Written {
  return { row, changed: [], created: false, committed: false }
}

function gone(row: Row): Problem {
  return new Problem(
    'deleted',
    `${row.id} was deleted by ${row.modifiedBy}; add undelete=true to bring it back`,
    {
      members: { row },
    },
  )
}
