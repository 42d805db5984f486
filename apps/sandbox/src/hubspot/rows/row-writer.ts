/**
 * The one place where rows change, whoever asks: app, or somebody at a screen. Each method is one transaction that checks, writes, and tells of the change. Nothing is compared with what the caller
 * believes: HubSpot has no conditions.
 */
import type { Clock } from '../../clock.ts'
import type { Transactions } from '../../transactions.ts'
import type { ObjectType } from '../objects/object-type.ts'
import { checkedValues, notValid, type Values } from '../objects/values.ts'
import { notFound, Refusal, validation } from '../refusal.ts'
import type { Author, Row, RowChange } from './row.ts'
import type { RowTable } from './row-table.ts'

type Parts = {
  types: ReadonlyMap<string, ObjectType>
  rows: RowTable
  clock: Clock
  transactions: Transactions
  /** Called inside the transaction, so that an event is as durable as its change. */
  onChange: (change: RowChange) => void
}

type Given = Readonly<Record<string, unknown>>
type Written = { row: Row; changed: boolean }

export class RowWriter {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** By its name or number. @throws Refusal VALIDATION_ERROR */
  type(name: string): ObjectType {
    const type =
      this.#parts.types.get(name) ??
      [...this.#parts.types.values()].find((one) => one.objectTypeId === name || `p4242_${one.name}` === name)
    if (type) return type
    throw validation(`Unable to infer object type from: ${name}`)
  }

  /** The row that lives under an id, which for a merged one is what it became a part of. */
  living(type: string, id: string): Row | undefined {
    const found = /^\d{1,15}$/.test(id) ? this.#parts.rows.byId(type, Number(id)) : undefined
    if (!found) return undefined
    if (found.mergedInto !== null) return this.living(type, String(found.mergedInto))
    return found.archivedAt === null ? found : undefined
  }

  insert(typeName: string, given: Given, author: Author): Row {
    return this.#parts.transactions.run(() => {
      const type = this.type(typeName)
      const values = filled(checkedValues(type, given))
      const missing = (type.required ?? []).filter((name) => values[name] === undefined)
      if (missing.length > 0) throw notSet(type, missing)
      const now = this.#parts.clock.now()
      const row: Row = {
        type: type.name,
        id: this.#parts.rows.nextNumber(),
        createdAt: now,
        modifiedAt: now,
        archivedAt: null,
        mergedInto: null,
        properties: values,
      }
      return this.#store(type, { kind: 'creation', row, changed: Object.keys(values), author })
    })
  }

  /** @throws Refusal OBJECT_NOT_FOUND */
  update(typeName: string, id: string, given: Given, author: Author): Written {
    return this.#parts.transactions.run(() => {
      const type = this.type(typeName)
      const row = this.living(type.name, id)
      if (!row) throw notFound()
      const values = checkedValues(type, given)
      const properties = filled({ ...row.properties, ...values })
      const changed = Object.keys(values).filter((name) => (row.properties[name] ?? '') !== values[name])
      // What changes nothing leaves the row as it was, its time too.
      if (changed.length === 0) return { row, changed: false }
      const written = { ...row, modifiedAt: this.#parts.clock.now(), properties }
      return {
        row: this.#store(type, { kind: 'propertyChange', row: written, changed, author }),
        changed: true,
      }
    })
  }

  /** To the archived ones; what is there already stays as it is. Its unique values are free again. */
  archive(typeName: string, id: string, author: Author): Written {
    return this.#parts.transactions.run(() => {
      const type = this.type(typeName)
      const row = this.living(type.name, id)
      const now = this.#parts.clock.now()
      if (row) {
        const archived = { ...row, modifiedAt: now, archivedAt: now }
        return {
          row: this.#store(type, { kind: 'deletion', row: archived, changed: [], author }),
          changed: true,
        }
      }
      const gone = /^\d{1,15}$/.test(id) ? this.#parts.rows.byId(type.name, Number(id)) : undefined
      if (!gone) throw notFound()
      return { row: gone, changed: false }
    })
  }

  /** By a person; an app cannot. */
  restore(typeName: string, id: string, author: Author): Row {
    return this.#parts.transactions.run(() => {
      const type = this.type(typeName)
      const row = this.#parts.rows.byId(type.name, Number(id))
      if (!row || row.archivedAt === null) throw notFound()
      const restored = { ...row, modifiedAt: this.#parts.clock.now(), archivedAt: null }
      return this.#store(type, { kind: 'restore', row: restored, changed: [], author })
    })
  }

  /** One row becomes a part of another, which takes over what it has no value for. */
  merge(typeName: string, primaryId: string, mergedId: string, author: Author): Row {
    return this.#parts.transactions.run(() => {
      const type = this.type(typeName)
      const [primary, gone] = [this.living(type.name, primaryId), this.living(type.name, mergedId)]
      if (!primary || !gone || primary.id === gone.id)
        throw validation(`Merge of ${mergedId} into ${primaryId} is not possible`)
      const now = this.#parts.clock.now()
      this.#parts.rows.put({ ...gone, modifiedAt: now, mergedInto: primary.id }, keysOf(type, {}))
      const before = [
        primary.properties.hs_merged_object_ids,
        gone.properties.hs_merged_object_ids,
        String(gone.id),
      ]
      const properties = {
        ...gone.properties,
        ...primary.properties,
        hs_merged_object_ids: before.filter(Boolean).join(';'),
      }
      const row = { ...primary, modifiedAt: now, properties }
      return this.#store(type, { kind: 'merge', row, changed: [], merged: gone.id, author })
    })
  }

  #store(type: ObjectType, change: RowChange): Row {
    const { row } = change
    if (row.archivedAt === null) this.#check(type, row)
    this.#parts.rows.put(row, keysOf(type, row.archivedAt === null ? row.properties : {}))
    this.#parts.onChange(change)
    return row
  }

  /** Rules that look at the whole row, or at other rows. */
  #check(type: ObjectType, { id, properties }: Row): void {
    for (const { property, pattern, message } of type.rules ?? []) {
      if (new RegExp(pattern).test(properties[property] ?? ''))
        throw notValid([{ name: property, code: 'FAILED_VALIDATION', message }])
    }
    for (const [name, value] of Object.entries(keysOf(type, properties))) {
      const other = value === undefined ? undefined : this.#parts.rows.byKey(type.name, name, value)
      if (!other || other.id === id) continue
      if (name === 'email') throw new Refusal('CONFLICT', `Contact already exists. Existing ID: ${other.id}`)
      const message = `cannot set PropertyValueCoordinates{portalId=4242, objectTypeId=${type.objectTypeId}, propertyName=${name}, value=${value}} on ${id}. ${other.id} already has that value.`
      throw notValid([{ name, code: 'CONFLICTING_UNIQUE_VALUE', message }])
    }
  }
}

function notSet({ name, objectTypeId }: ObjectType, missing: readonly string[]): Refusal {
  return validation(`Error creating ${name}. Some required properties were not set.`, {
    errors: missing.map((property) => ({
      message: `${objectTypeId}: property ${property} is required`,
      code: 'REQUIRED_PROPERTY_MISSING',
      context: { propertyName: [property] },
    })),
    context: { properties: [...missing] },
  })
}

function filled(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
}

/** Values that no two living rows may share. */
function keysOf(type: ObjectType, properties: Values): Record<string, string | undefined> {
  const names = Object.keys(type.properties).filter((name) => type.properties[name]?.hasUniqueValue)
  return Object.fromEntries(names.map((name) => [name, properties[name]]))
}
