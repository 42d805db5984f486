/**
 * The one place where rows change, whoever asks: API client, bulk job, somebody at a screen. Each method is one transaction that checks, writes, and tells of the change. An update
 * makes a new `SystemModstamp` whatever it writes, as Salesforce does.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../clock.ts'
import type { Transactions } from '../../transactions.ts'
import type { ObjectType } from '../objects/object-type.ts'
import { makeRecordId, recordId } from '../objects/record-id.ts'
import { checkedValues, type Values } from '../objects/values.ts'
import { Refusal } from '../refusal.ts'
import { wholeSecond } from '../time.ts'
import type { DeletionLog } from './deletion-log.ts'
import type { Author, ChangeType, Row, RowChange } from './row.ts'
import type { RowTable } from './row-table.ts'

type Parts = {
  types: ReadonlyMap<string, ObjectType>
  rows: RowTable
  deletions: DeletionLog
  clock: Clock
  transactions: Transactions
  /** Called inside the transaction, so that an event is as durable as its change. */
  onChange: (change: RowChange) => void
}

type Given = Readonly<Record<string, unknown>>

export class RowWriter {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** @throws Refusal INVALID_TYPE */
  type(name: string): ObjectType {
    const type = this.#parts.types.get(name)
    if (type) return type
    throw new Refusal('INVALID_TYPE', `sObject type '${name}' is not supported.`)
  }

  /** A row that is there, for whoever asks from outside. @throws Refusal NOT_FOUND, ENTITY_IS_DELETED, MALFORMED_ID */
  living(type: string, id: string): Row {
    const row = this.#visible(type, id)
    if (!row) throw new Refusal('NOT_FOUND', 'The requested resource does not exist')
    if (row.deleted) throw new Refusal('ENTITY_IS_DELETED', 'entity is deleted', [])
    return row
  }

  /** @param hidden stays unseen until `show` */
  insert(typeName: string, given: Given, author: Author, hidden = false): Row {
    return this.#parts.transactions.run(() => {
      const type = this.type(typeName)
      const defaults = Object.entries(type.fields).filter(([, field]) => field.type === 'boolean')
      const empty = Object.fromEntries(defaults.map(([name]) => [name, false]))
      const now = wholeSecond(this.#parts.clock.now())
      const row: Row = {
        type: typeName,
        id: makeRecordId(type.keyPrefix, this.#parts.rows.nextNumber(typeName)),
        createdAt: now,
        createdBy: author.userId,
        modifiedAt: now,
        modifiedBy: author.userId,
        deleted: false,
        hidden,
        fields: { ...empty, ...checkedValues(type, given) },
      }
      return this.#store(type, row, hidden ? undefined : 'CREATE', filled(row.fields), author)
    })
  }

  /** The transaction that made a hidden row is committed. */
  show(typeName: string, id: string, author: Author): Row {
    return this.#parts.transactions.run(() => {
      const row = this.#parts.rows.byId(typeName, id)
      if (!row?.hidden) throw new Refusal('NOT_FOUND', `no row ${id} of ${typeName} waits to be shown`)
      const shown = { ...row, hidden: false }
      return this.#store(this.type(typeName), shown, 'CREATE', filled(row.fields), author)
    })
  }

  update(typeName: string, id: string, given: Given, author: Author): Row {
    return this.#parts.transactions.run(() => {
      const row = this.living(typeName, id)
      const type = this.type(typeName)
      const values = checkedValues(type, given)
      const changed = Object.keys(values).filter(
        (name) => !isDeepStrictEqual(row.fields[name] ?? null, values[name]),
      )
      const written = this.#touched({ ...row, fields: { ...row.fields, ...values } }, author)
      return this.#store(type, written, 'UPDATE', changed, author)
    })
  }

  /** Into the recycle bin. */
  remove(typeName: string, id: string, author: Author): Row {
    return this.#parts.transactions.run(() => {
      const row = this.#touched({ ...this.living(typeName, id), deleted: true }, author)
      this.#parts.deletions.add(typeName, row.id, row.modifiedAt)
      return this.#store(this.type(typeName), row, 'DELETE', [], author)
    })
  }

  /** Out of the recycle bin. */
  undelete(typeName: string, id: string, author: Author): Row {
    return this.#parts.transactions.run(() => {
      const found = this.#visible(typeName, id)
      if (!found?.deleted) throw new Refusal('UNDELETE_FAILED', 'Entity is not in the recycle bin', [])
      const row = this.#touched({ ...found, deleted: false }, author)
      this.#parts.deletions.remove(typeName, row.id)
      return this.#store(this.type(typeName), row, 'UNDELETE', filled(row.fields), author)
    })
  }

  /** For good, past the recycle bin. */
  erase(typeName: string, id: string, author: Author): Row {
    return this.#parts.transactions.run(() => {
      const row = this.remove(typeName, id, author)
      this.#parts.rows.erase(typeName, row.id)
      return row
    })
  }

  #visible(typeName: string, id: string): Row | undefined {
    const type = this.type(typeName)
    const whole = recordId(id)
    if (whole === undefined || !whole.startsWith(type.keyPrefix))
      throw new Refusal('MALFORMED_ID', `malformed id ${id}`, ['Id'])
    const row = this.#parts.rows.byId(typeName, whole)
    return row?.hidden ? undefined : row
  }

  #touched(row: Row, author: Author): Row {
    return { ...row, modifiedAt: wholeSecond(this.#parts.clock.now()), modifiedBy: author.userId }
  }

  #store(
    type: ObjectType,
    row: Row,
    changeType: ChangeType | undefined,
    changed: readonly string[],
    author: Author,
  ): Row {
    if (!row.deleted) this.#check(type, row)
    this.#parts.rows.put(row, keysOf(type, row.fields))
    if (changeType) this.#parts.onChange({ changeType, row, changed, author })
    return row
  }

  /** Rules that look at the whole row, or at other rows. */
  #check(type: ObjectType, row: Row): void {
    const { fields } = row
    const missing = Object.keys(type.fields).filter((name) => type.fields[name]?.required && !fields[name])
    if (missing.length > 0)
      throw new Refusal(
        'REQUIRED_FIELD_MISSING',
        `Required fields are missing: [${missing.join(', ')}]`,
        missing,
      )
    for (const { field, pattern, message } of type.rules ?? []) {
      if (new RegExp(pattern).test(String(fields[field] ?? '')))
        throw new Refusal('FIELD_CUSTOM_VALIDATION_EXCEPTION', message, [field])
    }
    for (const [name, field] of Object.entries(type.fields)) {
      const value = fields[name]
      if (typeof value !== 'string') continue
      if (field.referenceTo && !this.#refersToSomething(field.referenceTo, value))
        throw new Refusal('INVALID_CROSS_REFERENCE_KEY', `invalid cross reference id`, [name])
      if (!field.unique) continue
      const other = this.#parts.rows.byKey(type.name, name, value).find(({ id }) => id !== row.id)
      if (other)
        throw new Refusal(
          'DUPLICATE_VALUE',
          `duplicate value found: ${name} duplicates value on record with id: ${other.id.slice(0, 15)}`,
          [],
        )
    }
  }

  #refersToSomething(types: readonly string[], id: string): boolean {
    return types.some((type) => {
      const row = this.#parts.types.has(type) && this.#parts.rows.byId(type, id)
      return row && !row.deleted && !row.hidden
    })
  }
}

function filled(fields: Values): string[] {
  return Object.keys(fields).filter((name) => fields[name] !== null)
}

/** Values that rows are found by: external ids, and what must be unique. */
function keysOf(type: ObjectType, fields: Values): Record<string, string | null> {
  const names = Object.keys(type.fields).filter((name) => {
    const field = type.fields[name]
    return field?.externalId || field?.unique
  })
  return Object.fromEntries(
    names.map((name) => {
      const value = fields[name]
      return [name, typeof value === 'string' ? value : null]
    }),
  )
}
