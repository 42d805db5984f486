/**
 * The database, and the way to it. Browsers drop connections when they like: a phone that was suspended, a storage process that died. So a connection is disposable, and whatever was asked when it
 * went is asked once more over a new one (rules ).
 */
import { StoreError } from '@skerry/core'
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from 'idb'
import { asStoreError, isLost, nameOf } from './failure.ts'

/** The database's version. */
const FORMAT = 1

export interface Schema extends DBSchema {
  meta: { key: string; value: string }
  runs: { key: number; value: string }
  heads: { key: number; value: Uint8Array }
  spares: { key: number; value: Uint8Array }
  bodies: { key: number; value: Uint8Array }
  /** Written and cleared (log-turn.ts). */
  scratch: { key: number; value: Uint8Array }
}
export type StoreName = StoreNames<Schema>
export type Reading<Name extends StoreName> = IDBPTransaction<Schema, Name[], 'readonly'>
export type Writing<Name extends StoreName> = IDBPTransaction<Schema, Name[], 'readwrite'>

const STORES: readonly StoreName[] = ['meta', 'runs', 'heads', 'spares', 'bodies', 'scratch']

/** Whether what was found again is what was lost. */
type Recognise = (tx: Reading<'meta' | 'runs'>) => Promise<boolean>

export function databaseName(name: string): string {
  return `skerry:${name}`
}

export class Connection {
  readonly #name: string
  #database: IDBPDatabase<Schema> | undefined
  #recognise: Recognise | undefined
  #isClosed = true
  #reconnecting: Promise<IDBPDatabase<Schema>> | undefined

  constructor(name: string) {
    this.#name = name
  }

  /** Makes the database where there is none. @throws StoreError newer-format, full, io */
  async open(): Promise<void> {
    this.#recognise = undefined
    try {
      this.#database = await this.#connect()
      this.#isClosed = false
    } catch (error) {
      throw asStoreError(`open ${this.#name}`, error)
    }
  }

  /** From now on a database that is opened anew must be this one. */
  expect(recognise: Recognise): void {
    this.#recognise = recognise
  }

  /** @throws StoreError io */
  read<Name extends StoreName, T>(
    doing: string,
    stores: readonly Name[],
    use: (tx: Reading<Name>) => Promise<T>,
  ): Promise<T> {
    return this.#twice(doing, (database) => settled(database.transaction([...stores], 'readonly'), use))
  }

  /** Resolves when it is on the disk, if `strict`. `use` may be called twice, and must put the same both times. @throws StoreError full, io */
  write<Name extends StoreName>(
    doing: string,
    stores: readonly Name[],
    use: (tx: Writing<Name>) => Promise<unknown>,
    durability: 'strict' | 'relaxed' = 'strict',
  ): Promise<unknown> {
    // It commits by itself. Asked to by `commit()` together with its writes, one that finds no room sometimes never ends (Chromium 156, 3 of 11 runs).
    const options = { durability }
    return this.#twice(doing, (database) =>
      settled(database.transaction([...stores], 'readwrite', options), use),
    )
  }

  /** For good: what is asked afterwards is refused, and does not come back over a new connection. */
  close(): void {
    this.#isClosed = true
    if (this.#database) this.#lose(this.#database)
  }

  #lose(database: IDBPDatabase<Schema>): void {
    database.close()
    if (this.#database === database) this.#database = undefined
  }

  async #twice<T>(doing: string, ask: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    const during = `${doing} ${this.#name}`
    try {
      try {
        return await ask(await this.#connected())
      } catch (error) {
        if (!isLost(error)) throw error
        if (this.#database) this.#lose(this.#database)
        return await ask(await this.#connected())
      }
    } catch (error) {
      throw asStoreError(during, error)
    }
  }

  #connected(): Promise<IDBPDatabase<Schema>> {
    if (this.#isClosed) return Promise.reject(closed(this.#name))
    if (this.#database) return Promise.resolve(this.#database)
    // All that lost the connection share the next.
    this.#reconnecting ??= this.#reconnect().finally(() => {
      this.#reconnecting = undefined
    })
    return this.#reconnecting
  }

  async #reconnect(): Promise<IDBPDatabase<Schema>> {
    const database = await this.#connect()
    try {
      const recognise = this.#recognise
      if (recognise && !(await settled(database.transaction(['meta', 'runs'], 'readonly'), recognise)))
        throw deleted(this.#name)
      if (this.#isClosed) throw closed(this.#name)
    } catch (error) {
      database.close()
      throw error
    }
    this.#database = database
    return database
  }

  async #connect(): Promise<IDBPDatabase<Schema>> {
    const isAgain = this.#recognise !== undefined
    let wasMissing = false
    let database: IDBPDatabase<Schema> | undefined
    const lose = () => database && this.#lose(database)
    try {
      database = await openDB<Schema>(databaseName(this.#name), FORMAT, {
        upgrade: (made, _, __, tx) => {
          wasMissing = isAgain
          if (isAgain) tx.abort()
          else for (const store of STORES) made.createObjectStore(store)
        },
        // Nobody upgrades or deletes without the lock, unless it is the browser's own doing: let it, rather than hang there.
        blocking: lose,
        terminated: lose,
      })
      return database
    } catch (error) {
      if (wasMissing) throw deleted(this.#name)
      if (nameOf(error) !== 'VersionError') throw error
      throw new StoreError(
        'newer-format',
        `open ${this.#name}: a newer version of this app wrote it, this one reads format ${FORMAT}; load the newest version. The store was not touched`,
        { cause: error },
      )
    }
  }
}

function closed(name: string): StoreError {
  return new StoreError('closed', `store ${name} was closed meanwhile`)
}

function deleted(name: string): StoreError {
  return new StoreError(
    'io',
    `${name} was deleted while it was open, by the browser or a person: what was not synced is gone; open it anew`,
  )
}

/** What `use` gave, once the transaction is complete. A failed commit is told by the transaction alone, a failed request by the request, and then the transaction only says that it was aborted. */
async function settled<Tx extends { done: Promise<void> }, T>(
  tx: Tx,
  use: (tx: Tx) => Promise<T>,
): Promise<T> {
  const [used, done] = await Promise.allSettled([use(tx), tx.done])
  const reasons = [done, used].flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  if (used.status === 'fulfilled' && done.status === 'fulfilled') return used.value
  throw (
    reasons.find((reason) => reason && nameOf(reason) !== 'AbortError') ??
    new DOMException('aborted without a reason', 'AbortError')
  )
}
