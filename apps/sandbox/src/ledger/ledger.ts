/** The call ledger in SQLite, written before an answer leaves, so that whoever has an answer also finds its entry. */
import type { Connection } from '../database.ts'
import { ledgerCallsMax } from '../limits.ts'
import type { LedgerEntry, LedgerOperation, LedgerQuery } from './entry.ts'

type StoredOperation = Omit<LedgerOperation, 'fields' | 'committed' | 'created'> & {
  fields: string
  committed: number
  created: number
}

type StoredCall = StoredOperation &
  Pick<LedgerEntry, 'seq' | 'time' | 'path' | 'fault' | 'client'> & {
    requestBytes: number
    responseBytes: number
  }

/** Calls between two prunings: pruning each time would double the cost of a call. */
const pruneEvery = 10_000

export class Ledger {
  readonly #connection: Connection
  readonly #insertCall
  readonly #insertOperation
  readonly #operations

  constructor(connection: Connection) {
    this.#connection = connection
    this.#insertCall = connection.prepare(
      `INSERT INTO calls (time, method, path, type, externalId, fields, requestBytes, responseBytes, status, fault,
       committed, created, client) VALUES (:time, :method, :path, :type, :externalId, :fields, :requestBytes,
       :responseBytes, :status, :fault, :committed, :created, :client)`,
    )
    this.#insertOperation = connection.prepare(
      `INSERT INTO operations VALUES (:seq, :position, :method, :type, :externalId, :fields, :status, :committed, :created)`,
    )
    this.#operations = connection.prepare<unknown[], StoredOperation>(
      `SELECT method, type, externalId, fields, status, committed, created FROM operations WHERE seq = ? ORDER BY position`,
    )
  }

  append(entry: Omit<LedgerEntry, 'seq'>): LedgerEntry {
    const seq = this.#connection.transaction(() => {
      const { operations, ...call } = entry
      const added = Number(this.#insertCall.run(flat(call)).lastInsertRowid)
      operations.forEach((operation, position) => {
        this.#insertOperation.run({ seq: added, position, ...flat(operation) })
      })
      if (added % pruneEvery === 0) this.#prune(added - ledgerCallsMax)
      return added
    })()
    return { seq, ...entry }
  }

  /** Entries after `since`, oldest first. */
  list(query: LedgerQuery): LedgerEntry[] {
    return this.#connection
      .prepare<unknown[], StoredCall>(
        `SELECT * FROM calls WHERE seq > :since
         AND (:type IS NULL OR type = :type OR EXISTS (SELECT 1 FROM operations o WHERE o.seq = calls.seq AND o.type = :type))
         AND (:externalId IS NULL OR externalId = :externalId
           OR seq IN (SELECT o.seq FROM operations o WHERE o.externalId = :externalId))
         ORDER BY seq LIMIT :limit`,
      )
      .all({ ...query, type: query.type ?? null, externalId: query.externalId ?? null })
      .map((stored) => this.#entryOf(stored))
  }

  /** The newest entries, newest first. */
  tail(limit: number): LedgerEntry[] {
    return this.#connection
      .prepare<unknown[], StoredCall>('SELECT * FROM calls ORDER BY seq DESC LIMIT ?')
      .all(limit)
      .map((stored) => this.#entryOf(stored))
  }

  /** Numbers go on after a clear: a reader's `since` stays valid. */
  clear(): number {
    return this.#prune(Number.MAX_SAFE_INTEGER)
  }

  totals(): { calls: number; committed: number; requestBytes: number; responseBytes: number } {
    const found = this.#connection
      .prepare<[], { calls: number; committed: number; requestBytes: number; responseBytes: number }>(
        `SELECT count(*) AS calls, coalesce(sum(committed), 0) AS committed, coalesce(sum(requestBytes), 0) AS requestBytes,
         coalesce(sum(responseBytes), 0) AS responseBytes FROM calls`,
      )
      .get()
    return found ?? { calls: 0, committed: 0, requestBytes: 0, responseBytes: 0 }
  }

  #prune(upTo: number): number {
    this.#connection.prepare('DELETE FROM operations WHERE seq <= ?').run(upTo)
    return this.#connection.prepare('DELETE FROM calls WHERE seq <= ?').run(upTo).changes
  }

  #entryOf(stored: StoredCall): LedgerEntry {
    return { ...stored, ...whole(stored), operations: this.#operations.all(stored.seq).map(whole) }
  }
}

type Flags = { fields: string[]; committed: boolean; created: boolean }

/** SQLite has neither lists nor booleans. */
function flat<T extends Flags>(
  value: T,
): Omit<T, keyof Flags> & Record<'committed' | 'created', number> & { fields: string } {
  return {
    ...value,
    fields: JSON.stringify(value.fields),
    committed: value.committed ? 1 : 0,
    created: value.created ? 1 : 0,
  }
}

function whole(stored: StoredOperation): LedgerOperation {
  const { method, type, externalId, status } = stored
  const fields: string[] = JSON.parse(stored.fields)
  return {
    method,
    type,
    externalId,
    fields,
    status,
    committed: stored.committed === 1,
    created: stored.created === 1,
  }
}
