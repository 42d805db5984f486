/** What an app holds: the records of one collection in one replica. */
import type { Collection, SchemaIssue } from '../records/collection.ts'
import { type ConcurrentValues, concurrentValues } from '../records/concurrent.ts'
import { checkDraftKeys, draftOf } from '../records/draft.ts'
import { DraftError, diffViews, type Edit } from '../records/edits.ts'
import { type HistoryItem, historyOf } from '../records/history.ts'
import { newIssues } from '../records/issues.ts'
import { keepUnknown } from '../records/keep-unknown.ts'
import type { JsonObject } from '../records/shape.ts'
import { DELETED_KEY } from '../records/view.ts'
import type { AsideEdit } from './aside.ts'
import { EditRefused, writeRecord } from './author.ts'
import type { Found } from './intents.ts'
import { RECORD_ID_LENGTH_MAX } from './limits.ts'
import { newId } from './new-id.ts'
import { keyOf, type OpenRecord } from './open-record.ts'
import { besideRows, type EditOptions, putBeside } from './own-tables.ts'
import { parseView, Query, type Seen, seen, type Where } from './query.ts'
import { type Receipt, shownReceipt } from './receipts.ts'
import { RecordNotFound } from './record-not-found.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { SavedOptions } from './saved.ts'
import type { Standing } from './standing.ts'
import { standingAtHub, standingAtSystem } from './standing-at.ts'
import type { Turn } from './turn.ts'

export class RecordInvalid extends Error {
  override readonly name = 'RecordInvalid'
  readonly code = 'schema'
  readonly issues: readonly SchemaIssue[]
  constructor(record: string, issues: readonly SchemaIssue[]) {
    super(
      `${record} does not fit its schema: ${issues.map((issue) => `${issue.path || '/'} ${issue.message}`).join('; ')}`,
    )
    this.issues = issues
  }
}

export class CollectionNotFound extends Error {
  override readonly name = 'CollectionNotFound'
  readonly code = 'unknown-collection'
}

/**
 * What does not fit the schema and stood there before was written by a newer version, or under other rules: an edit beside it goes through.
 * @throws RecordInvalid for what the edit itself did
 */
export function checkIssues(
  key: string,
  { shape }: Collection,
  issues: readonly SchemaIssue[],
  before: JsonObject | undefined,
  after: JsonObject,
): void {
  const own = before ? newIssues(shape, issues, before, after) : issues
  if (own.length > 0) throw new RecordInvalid(key, own)
}

const idForm = /^[A-Za-z0-9._:~-]+$/
const hashForm = /^[0-9a-f]{64}$/

export class Records<Value extends object = JsonObject> {
  readonly #core: ReplicaCore
  readonly #collection: Collection

  constructor(core: ReplicaCore, collection: Collection) {
    this.#core = core
    this.#collection = collection
  }

  get name(): string {
    return this.#collection.name
  }

  /**
   * Writes a new record, durable when the promise resolves. Without an id it gets one that sorts by time of creation.
   * @throws RecordInvalid, DraftError, EditRefused (exists already, too large), StoreError
   */
  async create(value: Value, options: { id?: string } & EditOptions = {}): Promise<Seen<Value>> {
    const id = options.id ?? newId(this.#core.host)
    this.#checkId(id)
    if (this.#isIntended(id)) return this.#intend(id, (found) => this.#created(found, value), options)
    return this.#turn(id, options, async (record, write) => {
      const whole = this.#created(record, value)
      const edits = record.editsTo(whole)
      await write(edits.length > 0 ? edits : [{ op: 'put', path: [DELETED_KEY], value: false }])
      return this.#seen(record)!
    })
  }

  /** The record, or undefined when this replica does not have it. */
  async get(id: string): Promise<Seen<Value> | undefined> {
    const key = keyOf(this.name, id)
    const shown = this.#core.shipped.get(key)
    const [row] = await this.#core.store.rows([key])
    const view = row ? parseView(row) : shown
    return view && (seen(id, view) as Seen<Value>)
  }

  /**
   * Whether the record is shown as the hub told it, while its entries are still on their way. It can be looked at; `update`, `delete`, `history` and `concurrent` wait for it, ten seconds at
   * most, and then reject with `NotHereYet`.
   */
  isUnverified(id: string): boolean {
    return this.#core.shipped.has(keyOf(this.name, id))
  }

  /** Resolves when the record is here itself, or is not shown any more; at once for all others. @throws NotHereYet after so many milliseconds */
  arrived(id: string, options: { timeoutMs?: number } = {}): Promise<void> {
    return this.#core.arrived(keyOf(this.name, id), options.timeoutMs)
  }

  /**
   * Changes a draft of the record; only what differs afterwards is written, letter by letter in text, by difference in counters, row by row in keyed lists.
   * @throws RecordNotFound, RecordInvalid, DraftError, EditRefused, StoreError
   */
  update(id: string, change: (draft: Value) => void, options: EditOptions = {}): Promise<Seen<Value>> {
    if (this.#isIntended(id)) return this.#intend(id, (found) => this.#changed(found, change), options)
    return this.#turn(id, options, async (record, write) => {
      await write(record.editsTo(this.#changed(record, change)))
      return this.#seen(record)!
    })
  }

  /** Deletes the record everywhere. Whoever edits it at the same time keeps the edit in its history, but the record stays deleted. */
  async delete(id: string, options: EditOptions = {}): Promise<void> {
    if (this.#isIntended(id)) {
      const beside = besideRows(options)
      await this.#core.intents.write(keyOf(this.name, id), this.#collection, checkDeletable, beside)
      return
    }
    await this.#turn(id, options, async (record, write) => {
      checkDeletable(record)
      await write([{ op: 'put', path: [DELETED_KEY], value: true }])
    })
  }

  /**
   * Brings the record back to what it was once that change of its history was made, as an edit of its own: later ones stay in the history. A deleted record is there again, until its content has gone.
   * @throws RecordNotFound, RecordInvalid (the schema does not allow any more what it was), EditRefused `unknown-change`, `was-deleted`, StoreError
   */
  restore(id: string, hash: string, options: EditOptions = {}): Promise<Seen<Value>> {
    return this.#turn(id, options, async (record, write) => {
      if (record.isNew) throw new RecordNotFound(notHere(record, 'restore'))
      checkChange(record, hash)
      const was = record.visibleAt(hash)
      if (!was)
        throw new EditRefused(
          'was-deleted',
          `${record.key} was deleted by ${hash}; restore an earlier change`,
        )
      await write(record.editsBackTo(this.#parsed(record.key, was, record.visible)))
      return this.#seen(record)!
    })
  }

  where(where: Where<Value>): Query<Value> {
    return new Query<Value>(this.#core, this.#collection, where)
  }

  all(): Promise<Seen<Value>[]> {
    return this.where({}).all()
  }

  /**
   * Resolves when every edit of this record made here so far is saved there: `here` (this device), `hub`, or an external system by its name. Rejects with
   * `SaveRefused` when that place will not have it, and with `RecordNotFound` when this replica has no trace of the record. A replica that has given records up,
   * because they left its channels, cannot tell such a one from one that never was: there it resolves.
   */
  saved(id: string, place: string, options?: SavedOptions): Promise<void> {
    return this.#core.saved(keyOf(this.name, id), place, options)
  }

  /** Every change of the record: who, when, which fields. Oldest first. */
  history(id: string): Promise<HistoryItem[]> {
    return this.#read(id, (record) =>
      historyOf(record, this.#collection.versions, (actor) => this.#core.authorOf(actor)),
    )
  }

  /** Fields that hold more than one value because two replicas wrote them without knowing of each other. The first value is the one that shows. */
  concurrent(id: string): Promise<ConcurrentValues[]> {
    return this.#read(id, (record) =>
      concurrentValues(record.document, this.#collection.versions, (actor) => this.#core.authorOf(actor)),
    )
  }

  /** The record as it was once that change of its history was made, by what that change's author knew; undefined when it was deleted then. @throws RecordNotFound, EditRefused `unknown-change` */
  at(id: string, hash: string): Promise<Seen<Value> | undefined> {
    return this.#read(id, (record) => {
      checkChange(record, hash)
      const was = record.visibleAt(hash)
      return was && (seen(id, was) as Seen<Value>)
    })
  }

  /** What the hub and external systems said about this record's edits, oldest first. */
  async receipts(id: string): Promise<Receipt[]> {
    const receipts = await this.#core.receipts(keyOf(this.name, id))
    return receipts.map((receipt) => shownReceipt(this.#collection.versions, receipt))
  }

  /**
   * What became of the newest edits of each field there: `hub`, or an external system by its name. One for each field that anybody edited, by name; `pending` as long as the place has not
   * answered.
   */
  async standing(id: string, place: string): Promise<Standing[]> {
    const history = await this.#whenHere(id, async (turn) => {
      const record = await turn.open(keyOf(this.name, id))
      return record.isNew ? [] : historyOf(record, this.#collection.versions, async () => undefined)
    })
    const receipts = (await this.receipts(id)).filter((receipt) => receipt.place === place)
    const record = { key: keyOf(this.name, id), versions: this.#collection.versions, history, receipts }
    const standing = place === 'hub' ? await standingAtHub(this.#core, record) : standingAtSystem(record)
    return standing.sort((a, b) => (a.field < b.field ? -1 : 1))
  }

  /** Edits of this record that the hub refused. */
  async aside(id: string): Promise<AsideEdit[]> {
    return this.#core.aside(`${keyOf(this.name, id)}\n`)
  }

  /** What is made of nothing. @throws EditRefused, RecordInvalid, DraftError */
  #created(found: Found, value: Value): JsonObject {
    if (!found.isNew) throw new EditRefused('exists', existsAlready(found))
    return this.#parsed(found.key, value as JsonObject)
  }

  /** What a draft of the record becomes. @throws RecordNotFound, RecordInvalid, DraftError */
  #changed(found: Found, change: (draft: Value) => void): JsonObject {
    const before = found.visible
    if (!before) throw new RecordNotFound(notHere(found, 'update'))
    const draft = draftOf(before)
    const returned: unknown = change(draft as Value)
    if (isPromise(returned))
      throw new DraftError(
        `the change of ${found.key} is asynchronous, and what it writes later would be lost; await first, then update`,
      )
    return this.#parsed(found.key, draft, before)
  }

  /** The engine does not run yet (CE-2). */
  #isIntended(id: string): boolean {
    return this.#core.intents.isCold && !this.isUnverified(id)
  }

  async #intend(
    id: string,
    decide: (found: Found) => JsonObject,
    options: EditOptions,
  ): Promise<Seen<Value>> {
    const intended = (found: Found): JsonObject => {
      const wanted = decide(found)
      // What a draft may not say is refused now, as it would be by the document.
      diffViews(this.#collection.shape, found.visible ?? {}, wanted)
      return JSON.parse(JSON.stringify(wanted)) as JsonObject
    }
    const key = keyOf(this.name, id)
    const became = await this.#core.intents.write(key, this.#collection, intended, besideRows(options))
    return seen(id, became) as Seen<Value>
  }

  #parsed(key: string, value: JsonObject, before?: JsonObject): JsonObject {
    checkDraftKeys(value)
    const parsed = this.#collection.parse(value)
    if ('value' in parsed) return keepUnknown(this.#collection.shape, value, parsed.value)
    checkIssues(key, this.#collection, parsed.issues, before, value)
    return value
  }

  #seen(record: OpenRecord): Seen<Value> | undefined {
    const value = record.visible
    return value && (seen(record.id, value) as Seen<Value>)
  }

  #turn<T>(
    id: string,
    options: EditOptions,
    run: (record: OpenRecord, write: (edits: Edit[]) => Promise<unknown>) => Promise<T>,
  ): Promise<T> {
    return this.#whenHere(id, async (turn) => {
      const record = await turn.open(keyOf(this.name, id))
      const done = await run(record, (edits) => writeRecord(turn, this.#core.author, record, edits))
      putBeside(turn, options)
      return done
    })
  }

  #read<T>(id: string, read: (record: OpenRecord) => Promise<T> | T): Promise<T> {
    return this.#whenHere(id, async (turn) => {
      const record = await turn.open(keyOf(this.name, id))
      if (record.isNew) throw new RecordNotFound(`there is no ${record.key} here`)
      return read(record)
    })
  }

  /** U-10. Whoever waits for nothing takes his place among the turns at once. */
  #whenHere<T>(id: string, run: (turn: Turn) => Promise<T>): Promise<T> {
    const { writer } = this.#core
    return this.isUnverified(id) ? this.arrived(id).then(() => writer.run(run)) : writer.run(run)
  }

  #checkId(id: string): void {
    if (id.length > RECORD_ID_LENGTH_MAX || !idForm.test(id))
      throw new EditRefused(
        'bad-id',
        `record id '${id.slice(0, 140)}': 1 to ${RECORD_ID_LENGTH_MAX} letters, digits and . _ : ~ - are allowed`,
      )
  }
}

function checkChange(record: OpenRecord, hash: string): void {
  if (!hashForm.test(hash) || record.document.maxOpOf(hash) === undefined)
    throw new EditRefused(
      'unknown-change',
      `${record.key} has no change ${hash.slice(0, 80)}; see its history`,
    )
}

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function'
}

function checkDeletable(found: Found): undefined {
  if (!found.visible) throw new RecordNotFound(notHere(found, 'delete'))
}

function existsAlready({ key, visible }: Found): string {
  if (visible) return `${key} exists already; use update`
  return `${key} was deleted, and its id stays taken until its content has gone; create it under another id`
}

function notHere({ key, isNew }: Found, to: string): string {
  return isNew ? `there is no ${key} here to ${to}` : `${key} was deleted; there is nothing to ${to}`
}
