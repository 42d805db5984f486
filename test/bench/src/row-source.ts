/** A system with any number of rows and no cost of its own: each row follows from its number and from how often it was edited, and nothing is kept but the edits. */
import type { Adapter, ExternalRow, ListedRow } from '@skerry/bridge'

const TYPE = 'contacts'
/** Positions in what was edited; listings go by number. */
const cities = ['Bergen', 'Brest', 'Cork', 'Gdynia', 'Porto', 'Riga', 'Turku', 'Vigo']

export interface SourceLedger {
  calls: Record<'list' | 'changes' | 'latest' | 'read' | 'upsert' | 'delete', number>
  /** Rows told, and what they would have as JSON. */
  rows: number
  bytes: number
}

export class RowSource {
  readonly ledger: SourceLedger = {
    calls: { list: 0, changes: 0, latest: 0, read: 0, upsert: 0, delete: 0 },
    rows: 0,
    bytes: 0,
  }
  readonly #count: number
  /** Number of a row → times it was edited; in the order of the edits. */
  readonly #edits: number[] = []
  readonly #edited = new Map<number, number>()
  /** Rows in a listing, or only ids and versions. */
  showsRows = true

  constructor(count: number) {
    this.#count = count
  }

  edit(number: number): void {
    this.#edited.set(number, (this.#edited.get(number) ?? 0) + 1)
    this.#edits.push(number)
  }

  forgetLedger(): void {
    this.ledger.calls = { list: 0, changes: 0, latest: 0, read: 0, upsert: 0, delete: 0 }
    this.ledger.rows = this.ledger.bytes = 0
  }

  adapter(): Adapter {
    const told = <Answer>(method: keyof SourceLedger['calls'], answer: Answer, rows: number): Answer => {
      this.ledger.calls[method] += 1
      this.ledger.rows += rows
      if (rows > 0) this.ledger.bytes += JSON.stringify(answer).length
      return answer
    }
    const refused = { kind: 'rejected', reason: 'this source is only read' } as const
    return {
      name: 'source',
      capabilities: {
        compareAndSet: true,
        replayMs: 0,
        freshListing: true,
        deletions: 'unseen',
        batch: { writesMax: 1, readsMax: 200 },
      },
      check: async () => ({ kind: 'ok' }),
      latest: async () => told('latest', { kind: 'position', position: String(this.#edits.length) }, 0),
      list: async (_, position, limit) => {
        const from = Number(position ?? 0)
        const to = Math.min(from + limit, this.#count)
        const rows = Array.from({ length: to - from }, (_, i) => this.#listed(from + i))
        const complete = to === this.#count
        const answer = { kind: 'page', rows, next: String(to), complete, proves: true } as const
        return told('list', answer, rows.length)
      },
      changes: async (_, position, limit) => {
        const from = Number(position ?? 0)
        const numbers = this.#edits.slice(from, from + limit)
        const rows = numbers.map((number) => this.#row(number))
        const next = from + numbers.length
        const complete = next === this.#edits.length
        return told('changes', { kind: 'page', rows, next: String(next), complete }, rows.length)
      },
      read: async (_, key) => {
        const row = 'id' in key ? this.#row(Number(key.id.slice(1))) : undefined
        return told('read', row ? { kind: 'row', row } : { kind: 'absent' }, 1)
      },
      readMany: async (_, ids) => {
        const answers = ids.map((id) => ({ kind: 'row' as const, row: this.#row(Number(id.slice(1))) }))
        return told('read', answers, ids.length)
      },
      upsert: async () => told('upsert', refused, 0),
      delete: async () => told('delete', refused, 0),
    }
  }

  #listed(number: number): ListedRow {
    const { id, version } = this.#named(number)
    return { id, version, deleted: false, ...(this.showsRows && { row: this.#row(number) }) }
  }

  #named(number: number): { id: string; version: string } {
    return { id: `C${String(number).padStart(9, '0')}`, version: `v${this.#edited.get(number) ?? 0}` }
  }

  #row(number: number): ExternalRow {
    const { id, version } = this.#named(number)
    const edits = this.#edited.get(number) ?? 0
    const value = {
      Name: `Contact ${number}`,
      Email: `contact.${number}@example.org`,
      Phone: `+47 55 ${String(number).padStart(6, '0')}`,
      City: cities[number % cities.length]!,
      Status: edits % 2 === 0 ? 'active' : 'dormant',
      Visits: edits,
    }
    return { type: TYPE, id, version, deleted: false, value }
  }
}
