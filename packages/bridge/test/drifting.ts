/** A system whose schema changes while it runs: fields that go are in no row and are refused in writes, and what is described is what is there. */
import {
  type Adapter,
  type ExternalRow,
  type FieldSchema,
  MemorySystem,
  type MemorySystemOptions,
  type TypeSchema,
  type WriteAnswer,
} from '@skerry/bridge'

export class DriftingSystem {
  readonly system: MemorySystem
  /** Readings of the schema so far. */
  described = 0
  /** True: writes are taken without the fields that are gone, and nothing is said of it. */
  isSilent = false
  /** Answers a reading with this instead. */
  refuses: { kind: 'later' | 'unknown' | 'rejected'; reason: string } | undefined
  readonly #types: Map<string, Map<string, FieldSchema>>
  readonly #gone = new Set<string>()

  constructor(types: readonly TypeSchema[], options: MemorySystemOptions = {}) {
    this.system = new MemorySystem({ name: 'crm', ...options })
    this.#types = new Map(
      types.map(({ type, fields }) => [type, new Map(fields.map((field) => [field.name, field]))]),
    )
  }

  drop(field: string): void {
    this.#gone.add(field)
  }

  bringBack(field: string): void {
    this.#gone.delete(field)
  }

  change(type: string, field: string, changed: Partial<FieldSchema>): void {
    const fields = this.#types.get(type)!
    fields.set(field, { ...fields.get(field)!, ...changed })
  }

  adapter(): Adapter {
    const inner = this.system.adapter()
    const shown = (row: ExternalRow): ExternalRow => ({
      ...row,
      // Every field there is stands in a row, empty ones as null.
      value: Object.fromEntries(
        [...(this.#types.get(row.type)?.keys() ?? [])]
          .filter((name) => !this.#gone.has(name))
          .map((name) => [name, row.value[name] ?? null]),
      ),
    })
    const answered = <Answer extends { kind: string }>(answer: Answer): Answer =>
      'row' in answer ? { ...answer, row: shown(answer.row as ExternalRow) } : answer
    return {
      ...inner,
      capabilities: { ...inner.capabilities, emptyFields: 'shown' },
      read: async (...given) => answered(await inner.read(...given)),
      changes: async (...given) => {
        const answer = await inner.changes(...given)
        return answer.kind === 'page' ? { ...answer, rows: answer.rows.map(shown) } : answer
      },
      upsert: async (type, request, call): Promise<WriteAnswer> => {
        const gone = Object.keys(request.fields).filter((name) => this.#gone.has(name))
        if (gone.length > 0 && !this.isSilent)
          return { kind: 'rejected', reason: `no such field: ${gone.join()}`, fields: gone }
        const kept = Object.entries(request.fields).filter(([name]) => !this.#gone.has(name))
        return answered(await inner.upsert(type, { ...request, fields: Object.fromEntries(kept) }, call))
      },
      describe: async (names) => {
        this.described += 1
        if (this.refuses) return this.refuses
        const types = [...this.#types]
          .filter(([type]) => names?.includes(type) ?? true)
          .map(([type, fields]) => ({
            type,
            fields: [...fields.values()].filter(({ name }) => !this.#gone.has(name)),
          }))
        return { kind: 'types', types }
      },
    }
  }
}
