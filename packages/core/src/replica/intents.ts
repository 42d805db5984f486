/**
 * Edits while the engine is not there yet: taken from views, made durable as intents, and shown. They have a queue of their own beside the writer's turns, which wait meanwhile. What becomes of them once the engine runs is
 * `take-up-intents.ts`.
 */
import { decodeFrontier, emptyFrontier, encodeFrontier, type Frontier } from '../log/frontier.ts'
import type { Collection } from '../records/collection.ts'
import { equalJson } from '../records/edits.ts'
import type { JsonObject } from '../records/shape.ts'
import { type Batch, emptyBatch, type RecordRow, type Store, type TableWrite } from '../store/port.ts'
import { EditRefused } from './author.ts'
import { indexedValues } from './indexed-values.ts'
import { INTENTS_TABLE, type Intent, intentRow, readIntent } from './intent.ts'
import type { Isolation } from './isolation.ts'
import { INTENTS_MAX } from './limits.ts'
import { parseView } from './query.ts'
import type { Turn } from './turn.ts'
import type { Writer } from './writer.ts'

/** Rows read at once. */
const SCAN_PAGE_ROWS = 500

/** What an edit finds of its record. */
export interface Found {
  readonly key: string
  readonly isNew: boolean
  readonly visible: JsonObject | undefined
}

export interface IntentsParts {
  store: Store
  host: { now(): number }
  writer: Writer
  isolation: Pick<Isolation, 'check'>
  /** Edits are taken as intents until the engine runs. */
  isCold: boolean
}

interface Waiting {
  edits: number
  /** When the oldest was made. */
  since: number
}

export class Intents {
  readonly #parts: IntentsParts
  readonly #waiting = new Map<string, Waiting>()
  #isCold: boolean
  #count = 0
  #next = 1
  /** The last of the edits that were asked for: each waits for the one before. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: IntentsParts) {
    this.#parts = parts
    this.#isCold = parts.isCold
  }

  static async load(parts: IntentsParts): Promise<Intents> {
    const intents = new Intents(parts)
    for (const { number, intent } of await intents.read()) intents.#follow(number, intent)
    return intents
  }

  get isCold(): boolean {
    return this.#isCold
  }

  get size(): number {
    return this.#count
  }

  /** Records with intents, in the order of their oldest. */
  get waiting(): ReadonlyMap<string, Waiting> {
    return this.#waiting
  }

  /** All there are, in their order. */
  async read(): Promise<{ number: number; intent: Intent }[]> {
    const found = []
    for (let after = ''; ; ) {
      const rows = await this.#parts.store.scan(INTENTS_TABLE, { after, limit: SCAN_PAGE_ROWS })
      for (const row of rows) found.push(readIntent(row))
      if (rows.length < SCAN_PAGE_ROWS) return found
      after = rows.at(-1)!.key
    }
  }

  /** The engine runs: edits are turns from now on. Resolves when those that were asked for before are durable. */
  async end(): Promise<void> {
    this.#isCold = false
    await this.settled()
  }

  /** Resolves when what was asked for is durable or was refused. */
  async settled(): Promise<void> {
    await this.#last
  }

  /** Makes of the record's view what `decide` says, undefined for deleting it; durable when it resolves. @throws what `decide` throws, RecordQuarantined, EditRefused, StoreError */
  write<T extends JsonObject | undefined>(
    key: string,
    collection: Collection,
    decide: (found: Found) => T,
    beside: readonly TableWrite[] = [],
  ): Promise<T> {
    const written = this.#last.then(() => this.#write(key, collection, decide, beside))
    this.#last = written.catch(() => undefined)
    return written
  }

  async #write<T extends JsonObject | undefined>(
    key: string,
    collection: Collection,
    decide: (found: Found) => T,
    beside: readonly TableWrite[],
  ): Promise<T> {
    const { store, host, isolation, writer } = this.#parts
    isolation.check(key)
    const [row] = await store.rows([key])
    const frontier = row ? decodeFrontier(row.frontier) : emptyFrontier()
    const was = row && parseView(row)
    const isNew = frontier.heads.length === 0 && !this.#waiting.has(key)
    const became = decide({ key, isNew, visible: was })
    if (!isNew && became && equalJson(was, became)) {
      if (beside.length > 0) await store.commit({ ...emptyBatch, tables: beside, head: writer.head })
      return became
    }
    if (this.#count >= INTENTS_MAX)
      throw new EditRefused(
        'too-many-intents',
        `editing ${key}: ${INTENTS_MAX} edits wait for the engine already; load the app again when there is a network`,
      )
    const intent: Intent = { record: key, version: collection.versions.number, at: host.now(), was, became }
    const number = this.#next
    const batch = batchOf(number, intent, { collection, frontier, row, head: writer.head })
    await store.commit({ ...batch, tables: [...batch.tables, ...beside] })
    this.#follow(number, intent)
    writer.tellBeside({
      changes: [{ record: key, collection: collection.name, before: was, after: became }],
      tables: new Set([INTENTS_TABLE]),
    })
    return became
  }

  #follow(number: number, { record, at }: Intent): void {
    this.#next = Math.max(this.#next, number + 1)
    this.#count += 1
    const { edits = 0, since = at } = this.#waiting.get(record) ?? {}
    this.#waiting.set(record, { edits: edits + 1, since })
  }

  /** They are entries now, or set aside. */
  taken(turn: Turn, record: string, numbers: readonly number[]): void {
    for (const number of numbers) {
      const { table, key } = intentRow(number, undefined)
      turn.put(table, key, undefined)
    }
    turn.afterCommit(() => {
      if (this.#waiting.delete(record)) this.#count -= numbers.length
    })
  }
}

function batchOf(
  number: number,
  intent: Intent,
  of: { collection: Collection; frontier: Frontier; row: RecordRow | undefined; head: number },
): Batch {
  const { record, became } = intent
  const row: RecordRow = {
    record,
    collection: of.collection.name,
    frontier: of.row?.frontier ?? encodeFrontier(of.frontier),
    view: became && JSON.stringify(became),
    indexed: indexedValues(of.collection, became),
  }
  return { ...emptyBatch, tables: [intentRow(number, intent)], records: [row], head: of.head }
}
