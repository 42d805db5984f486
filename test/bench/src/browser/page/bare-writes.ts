/**
 * The least that an edit on disk can cost in this browser: the same values, put in one strict transaction of a database of their own, by the page itself, with nothing before and nothing after. What an edit takes beyond that is
 * its contender's doing, and what this takes is the browser's.
 */

const NAME = 'bare'
/** Frames that are looked at: the one in the middle is an edit's, whatever was merged meanwhile. */
const NEWEST = 16

export interface BareWrite {
  /** Of each value. */
  bytes: readonly number[]
  rounds: number
}

/** Milliseconds of each. */
export async function bareWrites({ bytes, rounds }: BareWrite): Promise<number[]> {
  const stores = bytes.map((_, at) => String(at))
  const database = await opened(NAME, (made) => {
    for (const store of stores) made.createObjectStore(store)
  })
  try {
    const times: number[] = []
    for (let round = 0; round < rounds; round++) {
      const values = bytes.map((length) => crypto.getRandomValues(new Uint8Array(length)))
      const from = performance.now()
      const tx = database.transaction(stores, 'readwrite', { durability: 'strict' })
      for (const [at, store] of stores.entries()) tx.objectStore(store).put(values[at], round)
      tx.commit()
      await new Promise((resolve, reject) => {
        tx.oncomplete = resolve
        tx.onabort = () => reject(tx.error)
      })
      times.push(performance.now() - from)
    }
    return times
  } finally {
    database.close()
  }
}

/** Bytes of the values of an edit as they lie in these stores of a database, keyed in the order in which they came. */
export async function newestValues(name: string, stores: readonly string[]): Promise<number[]> {
  const database = await opened(name)
  try {
    const tx = database.transaction([...stores])
    return await Promise.all(stores.map((store) => middleOfNewest(tx.objectStore(store))))
  } finally {
    database.close()
  }
}

function middleOfNewest(store: IDBObjectStore): Promise<number> {
  return new Promise((resolve, reject) => {
    const sizes: number[] = []
    const request = store.openCursor(null, 'prev')
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const cursor = request.result
      if (cursor && sizes.push((cursor.value as Uint8Array).length) < NEWEST) cursor.continue()
      else resolve(sizes.sort((one, other) => one - other)[Math.floor(sizes.length / 2)] ?? 0)
    }
  })
}

function opened(name: string, make?: (database: IDBDatabase) => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onupgradeneeded = () => make?.(request.result)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
