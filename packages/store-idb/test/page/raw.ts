/** The database as it lies there, for tests that damage it. */
import { type IDBPDatabase, openDB } from 'idb'

export async function inDatabase<T>(name: string, use: (database: IDBPDatabase) => Promise<T>): Promise<T> {
  const database = await openDB(`skerry:${name}`)
  try {
    return await use(database)
  } finally {
    database.close()
  }
}

/** Flips a bit of each value whose key is chosen, at the place where `find` stands in it, or in its middle. */
export async function flip(
  name: string,
  store: 'heads' | 'spares' | 'bodies',
  find?: string,
): Promise<number> {
  return inDatabase(name, async (database) => {
    let flipped = 0
    for (const key of await database.getAllKeys(store)) {
      const bytes = (await database.get(store, key)) as Uint8Array
      const at = find === undefined ? Math.floor(bytes.length / 2) : placeOf(bytes, find)
      if (at < 0) continue
      bytes[at]! ^= 1
      await database.put(store, bytes, key)
      flipped += 1
    }
    return flipped
  })
}

function placeOf(bytes: Uint8Array, find: string): number {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return text.indexOf(find)
}
