/**
 * The only file that talks to Automerge. It uses the engine's object-level handle instead of the JavaScript proxies: three times
 * faster here, and nobody can keep a proxy of an outdated document.
 *
 * A handle that has thrown is never used again (the engine's state may look fine and save to something that cannot be loaded): every failure
 * marks the document dead, and its owner loads it anew from the log.
 */
import { getBackend, init } from '@automerge/automerge/slim'
import type { Scalar } from '../records/shape.ts'
import type { TextSplice } from '../records/text-splice.ts'

type Backend = ReturnType<typeof getBackend>

export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code = 'engine'
}

/** One of the concurrent values of a field. `operation` is `counter@actor`. */
export interface FieldValue {
  value: Scalar
  operation: string
}

export interface ChangeMeta {
  actor: string
  seq: number
  hash: string
  time: number
  deps: string[]
  maxOp: number
}

const ROOT = '_root'
/** An actor that writes nothing. */
const NOBODY = '00'

export class Document {
  #backend: Backend
  #dead = false

  constructor(actor: string, backend: Backend = emptyBackend().fork(actor)) {
    this.#backend = backend
  }

  static load(bytes: Uint8Array, actor: string): Document {
    const document = new Document(actor)
    document.#guard(() => document.#backend.loadIncremental(bytes))
    return document
  }

  /** A copy as it was at these heads, all of which it must have. */
  forkAt(heads: readonly string[]): Document {
    return new Document(
      NOBODY,
      this.#guard(() => this.#backend.fork(NOBODY, [...heads] as never)),
    )
  }

  get dead(): boolean {
    return this.#dead
  }

  /** @throws EngineError; the document is dead afterwards */
  apply(changes: Uint8Array[]): void {
    this.#guard(() => this.#backend.applyChanges(changes as never))
  }

  heads(): string[] {
    return this.#guard(() => this.#backend.getHeads() as string[])
  }

  /** Hashes that applied changes wait for; empty in a whole document. */
  missing(): string[] {
    return this.#guard(() => this.#backend.getMissingDeps([]) as string[])
  }

  save(): Uint8Array {
    return this.#guard(() => this.#backend.save())
  }

  /** Everything as plain data: text and scalar strings are strings, counters numbers, maps objects, lists arrays. */
  read(): Record<string, unknown> {
    return this.#guard(() => this.#backend.materialize('/') as Record<string, unknown>)
  }

  /** As `read`, of what this change knew: itself and its ancestors. */
  readAt(hash: string): Record<string, unknown> {
    return this.#guard(() => this.#backend.materialize('/', [hash] as never) as Record<string, unknown>)
  }

  /** Object id of the container at the path, undefined if there is none. */
  container(path: readonly string[]): { id: string; kind: 'map' | 'list' | 'text' } | undefined {
    return this.#guard(() => {
      let id: string = ROOT
      let kind: 'map' | 'list' | 'text' = 'map'
      for (const key of path) {
        const found = kind === 'map' ? this.#backend.getWithType(id, key) : null
        if (found === null || found === undefined) return undefined
        const [type, value] = found as [string, unknown]
        if (type !== 'map' && type !== 'list' && type !== 'text') return undefined
        id = value as string
        kind = type
      }
      return { id, kind }
    })
  }

  keys(container: string): string[] {
    return this.#guard(() => this.#backend.keys(container))
  }

  /** What shows at this key of a map; undefined when nothing does. */
  kindAt(container: string, key: string): 'map' | 'list' | 'text' | 'counter' | 'scalar' | undefined {
    return this.#guard(() => {
      const found = this.#backend.getWithType(container, key) as [string, unknown] | null
      const type = found?.[0]
      if (type === undefined || type === 'map' || type === 'list' || type === 'text' || type === 'counter')
        return type
      return 'scalar'
    })
  }

  put(container: string, key: string, value: Scalar): void {
    this.#guard(() => this.#backend.put(container, key, value as never, datatypeOf(value) as never))
  }

  delete(container: string, key: string): void {
    this.#guard(() => this.#backend.delete(container, key))
  }

  increment(container: string, key: string, by: number): void {
    this.#guard(() => this.#backend.increment(container, key, by))
  }

  text(container: string): string {
    return this.#guard(() => this.#backend.text(container))
  }

  /** The smallest edit that turns the text into `value`; its cost grows with the square of what differs. */
  updateText(container: string, value: string): void {
    this.#guard(() => this.#backend.updateText(container, value))
  }

  /** Offsets in UTF-16 units. */
  spliceText(container: string, { index, remove, insert }: TextSplice): void {
    this.#guard(() => this.#backend.splice(container, index, remove, insert))
  }

  /** Elements of a list. */
  length(container: string): number {
    return this.#guard(() => this.#backend.length(container))
  }

  spliceList(container: string, index: number, remove: number, insert: readonly Scalar[]): void {
    this.#guard(() => {
      for (let i = 0; i < remove; i++) this.#backend.delete(container, index)
      insert.forEach((value, i) => {
        this.#backend.insert(container, index + i, value as never, datatypeOf(value) as never)
      })
    })
  }

  /** Closes the edits made so far into one change and gives its bytes; undefined when nothing was edited. `time` in seconds. */
  commit(time: number, message?: string): Uint8Array | undefined {
    return this.#guard(() => {
      if (this.#backend.pendingOps() === 0) return undefined
      this.#backend.commit(message, time)
      return (this.#backend.getLastLocalChange() as Uint8Array | null) ?? undefined
    })
  }

  /** Every concurrent value of a field; one where nobody disagrees. Containers are left out. */
  values(container: string, key: string): FieldValue[] {
    return this.#guard(() =>
      (this.#backend.getAll(container, key) as unknown as [string, unknown, string][])
        .filter(([type]) => type !== 'map' && type !== 'list' && type !== 'text')
        .map(([, value, operation]) => ({ value: plainScalar(value), operation })),
    )
  }

  /** In causal order. @param since heads, all of which it must have: without these and their ancestors */
  history(since: readonly string[] = []): ChangeMeta[] {
    return this.#guard(() => this.#backend.getChangesMeta([...since] as never) as unknown as ChangeMeta[])
  }

  /** Changes that are not among these heads and their ancestors, in causal order. */
  changesSince(heads: readonly string[]): Uint8Array[] {
    return this.#guard(() => this.#backend.getChanges([...heads] as never) as Uint8Array[])
  }

  /** Highest operation of a change that the document holds; undefined when it does not. */
  maxOpOf(hash: string): number | undefined {
    return this.#guard(() => (this.#backend.getChangeMetaByHash(hash) as { maxOp: number } | null)?.maxOp)
  }

  /** Paths of the fields that a step of history touched, from the root; letters of a text and elements of a list are told as the field that holds them. */
  touched(before: readonly string[], after: readonly string[]): string[][] {
    return this.#guard(() =>
      (this.#backend.diff([...before] as never, [...after] as never) as { path: (string | number)[] }[]).map(
        ({ path }) => path.filter((part) => typeof part === 'string'),
      ),
    )
  }

  free(): void {
    if (this.#dead) return
    this.#dead = true
    this.#backend.free()
  }

  #guard<T>(run: () => T): T {
    if (this.#dead)
      throw new EngineError('this document handle was freed or has failed; open the record again')
    try {
      return run()
    } catch (cause) {
      this.#dead = true
      throw new EngineError(
        `the CRDT engine refused: ${cause instanceof Error ? cause.message : String(cause)}`,
        {
          cause,
        },
      )
    }
  }
}

/** False once the engine has given up in this thread (out of memory, out of stack): whatever is asked of it then fails, for every document. */
export function engineIsAlive(): boolean {
  try {
    emptyBackend().fork(NOBODY).free()
    return true
  } catch {
    return false
  }
}

let empty: Backend | undefined

/** An empty document's handle, of which every other one is a copy: that takes a third of the time of making one with its JavaScript proxies. */
function emptyBackend(): Backend {
  empty ??= getBackend(init({ actor: NOBODY }))
  return empty
}

function datatypeOf(value: Scalar): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'boolean'
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'int' : 'f64'
}

/** Scalars come out of the engine as themselves, or wrapped (immutable strings, counters). Numbers are told as JSON keeps them: one zero, nothing infinite. */
export function plainScalar(value: unknown): Scalar {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'object' && 'val' in value) return String(value.val)
  if (typeof value === 'object' && 'value' in value) return Number(value.value)
  return String(value)
}
