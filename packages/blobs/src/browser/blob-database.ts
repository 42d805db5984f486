/**
 * The database of blobs, and the way to it. Browsers drop connections when they like: a phone that was suspended, a storage process that died. So a connection is disposable, and whatever was asked when it went is
 * asked once more over a new one (SPEC.md, BL-14).
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from 'idb'
import { BlobError } from '../blob-error.ts'

/** The database's version. */
const FORMAT = 1

export interface Schema extends DBSchema {
  blobs: { key: string; value: { bytes: number } }
  chunks: { key: [sha256: string, number: number]; value: Uint8Array<ArrayBuffer> }
}
type StoreName = StoreNames<Schema>
type Mode = 'readonly' | 'readwrite'
type Transaction<M extends Mode> = IDBPTransaction<Schema, StoreName[], M>

/** What browsers say of a connection that is gone: Safari after a suspension, any after its storage process died. */
const LOST = new Set(['InvalidStateError', 'UnknownError', 'AbortError'])

export class BlobDatabase {
  readonly #name: string
  readonly #onLost: () => void
  #database: IDBPDatabase<Schema> | undefined
  #isClosed = false
  #connecting: Promise<IDBPDatabase<Schema>> | undefined

  /** @param onLost a connection went: what was known of the content may not be true of what is found again */
  constructor(name: string, onLost: () => void) {
    this.#name = name
    this.#onLost = onLost
  }

  /** Makes the database where there is none. */
  async open(): Promise<void> {
    await this.#connected()
  }

  read<T>(stores: readonly StoreName[], use: (tx: Transaction<'readonly'>) => Promise<T>): Promise<T> {
    return this.#twice((database) => {
      const tx: Transaction<'readonly'> = database.transaction([...stores], 'readonly')
      return settled(tx, use)
    })
  }

  /** Resolves when it is on the disk. `use` may be called twice, and must do the same both times. */
  write(
    stores: readonly StoreName[],
    use: (tx: Transaction<'readwrite'>) => Promise<unknown>,
  ): Promise<unknown> {
    return this.#twice((database) => {
      const tx: Transaction<'readwrite'> = database.transaction([...stores], 'readwrite', {
        durability: 'strict',
      })
      return settled(tx, use)
    })
  }

  /** For good: what is asked afterwards is refused, and does not come back over a new connection. */
  close(): void {
    this.#isClosed = true
    this.#database?.close()
    this.#database = undefined
  }

  /** @throws BlobError `closed` */
  checkOpen(): void {
    if (this.#isClosed) throw new BlobError('closed', `the blob store ${this.#name} is closed`)
  }

  async #twice<T>(ask: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    const first = await this.#connected()
    try {
      return await ask(first)
    } catch (error) {
      if (!LOST.has(nameOf(error))) throw error
      this.#lose(first)
      return ask(await this.#connected())
    }
  }

  /** Several that lost the same connection lose it once. */
  #lose(database: IDBPDatabase<Schema>): void {
    database.close()
    if (this.#database !== database) return
    this.#database = undefined
    this.#onLost()
  }

  async #connected(): Promise<IDBPDatabase<Schema>> {
    this.checkOpen()
    if (this.#database) return this.#database
    // All that lost the connection share the next.
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #connect(): Promise<IDBPDatabase<Schema>> {
    let opened: IDBPDatabase<Schema> | undefined
    const lose = () => opened && this.#lose(opened)
    const database = await openDB<Schema>(this.#name, FORMAT, {
      upgrade(made) {
        made.createObjectStore('blobs')
        made.createObjectStore('chunks')
      },
      // Another tab has a newer version: it must not wait for this one.
      blocking: lose,
      terminated: lose,
    }).catch((error: unknown) => Promise.reject(withVersion(error, this.#name)))
    opened = database
    if (this.#isClosed) database.close()
    this.checkOpen()
    this.#database = database
    return database
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : ''
}

function withVersion(error: unknown, name: string): unknown {
  if (nameOf(error) !== 'VersionError') return error
  return new BlobError(
    'closed',
    `the blob store ${name} was made newer by a newer version of this app, this one reads format ${FORMAT}; load the newest version. The blobs were not touched`,
    { cause: error },
  )
}

/** What `use` gave, once the transaction is complete. A failed commit is told by the transaction alone, a failed request by the request, and then the transaction only says that it was aborted. */
async function settled<Tx extends { done: Promise<void> }, T>(
  tx: Tx,
  use: (tx: Tx) => Promise<T>,
): Promise<T> {
  const [used, done] = await Promise.allSettled([use(tx), tx.done])
  if (used.status === 'fulfilled' && done.status === 'fulfilled') return used.value
  const reasons = [done, used].flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  throw (
    reasons.find((reason) => reason && nameOf(reason) !== 'AbortError') ??
    new DOMException('aborted without a reason', 'AbortError')
  )
}
