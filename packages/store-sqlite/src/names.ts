/** Names that repeat in many rows, stored once and referred to by integer. Looked up through a bounded cache. */
import type Database from 'better-sqlite3'
import { textCrc } from './checksum.ts'
import { corrupt } from './failure.ts'

/** c: channel, f: field of a collection, o: origin run, t: key-value table. */
export type NameKind = 'c' | 'f' | 'o' | 't'

/** Names kept in memory per kind and direction: about 5 MB at 80 bytes each. A cache that is full starts over. */
const CACHED_NAMES_MAX = 65_536

export class Names {
  #ids = {
    c: new Map<string, number>(),
    f: new Map<string, number>(),
    o: new Map<string, number>(),
    t: new Map<string, number>(),
  }
  #names = new Map<number, string>()
  readonly #path: string
  #select: Database.Statement<[string, string], number>
  #insert: Database.Statement<[number, string, string]>
  #byId: Database.Statement<[number], [crc: number, kind: string, name: string]>

  constructor(db: Database.Database) {
    this.#path = db.name
    this.#select = db
      .prepare<[string, string], number>('SELECT id FROM names WHERE kind = ? AND name = ?')
      .pluck()
    this.#insert = db.prepare('INSERT INTO names (crc, kind, name) VALUES (?, ?, ?)')
    this.#byId = db
      .prepare<[number], [number, string, string]>('SELECT crc, kind, name FROM names WHERE id = ?')
      .raw()
  }

  /** `name` is a key text (key-text.ts). */
  find(kind: NameKind, name: string): number | undefined {
    const cached = this.#ids[kind].get(name)
    if (cached !== undefined) return cached
    const id = this.#select.get(kind, name)
    if (id !== undefined) this.#remember(kind, name, id)
    return id
  }

  intern(kind: NameKind, name: string): number {
    const known = this.find(kind, name)
    if (known !== undefined) return known
    const id = Number(this.#insert.run(textCrc(kind, name), kind, name).lastInsertRowid)
    this.#remember(kind, name, id)
    return id
  }

  /** @throws StoreError corrupt for an id that was never given out, or whose name is damaged */
  nameOf(id: number): string {
    const name = this.soundNameOf(id)
    if (name !== undefined) return name
    throw corrupt(this.#path, `name ${id}, to which a row refers, does not exist or fails its checksum`)
  }

  /** Undefined where `nameOf` throws. */
  soundNameOf(id: number): string | undefined {
    const cached = this.#names.get(id)
    if (cached !== undefined) return cached
    const row = this.#byId.get(id)
    if (!row || row[0] !== textCrc(row[1], row[2])) return undefined
    const [, , name] = row
    if (this.#names.size >= CACHED_NAMES_MAX) this.#names.clear()
    this.#names.set(id, name)
    return name
  }

  /** After a rollback: ids given out in the transaction are void. */
  forget(): void {
    for (const ids of Object.values(this.#ids)) ids.clear()
    this.#names.clear()
  }

  #remember(kind: NameKind, name: string, id: number): void {
    const ids = this.#ids[kind]
    if (ids.size >= CACHED_NAMES_MAX) ids.clear()
    ids.set(name, id)
  }
}
