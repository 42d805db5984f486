/** The one place where rows change, whoever asks: API client, part of a batch, somebody at a screen. Each method is one transaction. */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { Transactions } from '../../transactions.ts'
import type { Profile } from '../profiles/profile.ts'
import { Refusal } from '../refusal.ts'
import type { EntityType } from '../types/entity-type.ts'
import { timeOfClock } from '../types/time.ts'
import type { Values } from '../types/values.ts'
import type { Row } from './row.ts'
import type { RowTable } from './row-table.ts'

type Parts = {
  profile: Profile
  rows: RowTable
  clock: Clock
  transactions: Transactions
}

export class RowWriter {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** @throws Refusal exists, duplicate-key, invalid-value, rule-broken */
  insert(
    type: EntityType,
    fields: Values,
    { id = randomUUID(), hidden = false }: { id?: string | undefined; hidden?: boolean } = {},
  ): Row {
    return this.#parts.transactions.run(() => {
      const known = this.#parts.rows.byId(type.set, id)
      if (known && !known.deleted) throw exists(type, id)
      return this.#store(type, {
        type: type.set,
        id,
        version: 0,
        modifiedAt: '',
        deleted: false,
        hidden,
        fields,
      })
    })
  }

  update(type: EntityType, row: Row, fields: Values): Row {
    return this.#parts.transactions.run(() =>
      this.#store(type, { ...row, fields: { ...row.fields, ...fields } }),
    )
  }

  remove(type: EntityType, row: Row): Row {
    return this.#parts.transactions.run(() => this.#store(type, { ...row, deleted: true }))
  }

  /** The transaction that made a hidden row is committed: the row has its old time, and a new place among the changes. */
  show(type: EntityType, row: Row): Row {
    return this.#parts.transactions.run(() => this.#store(type, { ...row, hidden: false }, row.modifiedAt))
  }

  #store(type: EntityType, given: Row, modifiedAt?: string): Row {
    const { profile, rows, clock } = this.#parts
    const row = {
      ...given,
      version: rows.nextVersion(),
      modifiedAt: modifiedAt ?? timeOfClock(clock.now(), profile.timeDigits),
    }
    const keys = this.keysOf(type, row.fields)
    if (!row.deleted) this.#check(type, row, keys)
    rows.put(row, keys)
    return row
  }

  #check(type: EntityType, { id, fields }: Row, keys: ReadonlyMap<string, string>): void {
    for (const [name, property] of Object.entries(type.properties))
      if (property.required && (fields[name] ?? null) === null)
        throw new Refusal('invalid-value', `Property '${name}' is mandatory.`, { target: name })
    for (const { property, pattern, message } of type.rules ?? [])
      if (new RegExp(pattern).test(String(fields[property] ?? '')))
        throw new Refusal('rule-broken', message, { target: property })
    for (const [name, value] of keys) {
      const other = this.#parts.rows.byKey(type.set, name, value)
      if (other && other.id !== id)
        throw new Refusal(
          'duplicate-key',
          `A record of ${type.name} with the same value for ${name} already exists.`,
          { target: name },
        )
    }
  }

  /** Values that no other row may have, as the database compares them. */
  keysOf(type: EntityType, fields: Values): Map<string, string> {
    const keys = Object.keys(type.properties).flatMap((name): [string, string][] => {
      const value = fields[name]
      return type.properties[name]?.unique && typeof value === 'string' && value !== ''
        ? [[name, this.compared(value)]]
        : []
    })
    return new Map(keys)
  }

  compared(value: string): string {
    return this.#parts.profile.foldsCase ? value.toLowerCase() : value
  }
}

function exists(type: EntityType, id: string): Refusal {
  return new Refusal('exists', `An entity of ${type.name} with the key ${id} already exists.`, {
    target: type.key,
  })
}
