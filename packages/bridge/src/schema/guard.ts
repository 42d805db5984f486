/**
 * Keeps mappings from running under a schema that they were not made for (SPEC B-190 to B-197). It reads the schema when the bridge starts, when it is time, and when something looks as if it had
 * changed; a mapping that does not fit is paused, durably, and goes on by itself when it fits again.
 */
import { equalJson, type Json, type JsonObject, toHex } from '@skerry/core'
import type { ExternalRow } from '../adapter-port.ts'
import type { Shared } from '../bridge-life.ts'
import { mappingsOfType } from '../choose-mapping.ts'
import { deadLetters, loadIndex, retryDead } from '../dead-letters.ts'
import { SCHEMA_SUSPECT_MS_MIN } from '../limits.ts'
import type { Mapping } from '../mapping.ts'
import { decodeShadow } from '../shadow.ts'
import { linkKey, tableOf } from '../tables.ts'
import { decodeSeen, encodeSeen, judge, type SeenSchema, schemaKey } from './drift.ts'
import type { Finding } from './finding.ts'
import { readSchema, type SystemSchema } from './read-schema.ts'

export interface PausedMapping {
  collection: string
  type: string
  /** Milliseconds since 1970. */
  since: number
  /** What does not fit; more may come to it. */
  reasons: readonly Finding[]
}

export interface GuardOptions {
  shared: Shared
  /** Of the context: whoever decides looks into it. */
  paused: Set<Mapping>
  /** Rows that wait are looked at, and jobs are woken, when mappings go on. */
  resumed: () => Promise<void>
}

export class SchemaGuard {
  readonly #shared: Shared
  readonly #paused: Set<Mapping>
  readonly #resumed: () => Promise<void>
  readonly #seen = new Map<Mapping, SeenSchema>()
  readonly #configs = new Map<Mapping, string>()
  #looking: Promise<void> | undefined
  #lookedAt = Number.NEGATIVE_INFINITY
  #hasFailed = false

  constructor({ shared, paused, resumed }: GuardOptions) {
    this.#shared = shared
    this.#paused = paused
    this.#resumed = resumed
    const { host } = shared.context
    for (const mapping of shared.context.mappings)
      this.#configs.set(mapping, toHex(host.sha256(new TextEncoder().encode(mapping.source))))
  }

  /** The adapter tells of no schema. */
  get isBlind(): boolean {
    return this.#shared.adapter.describe === undefined
  }

  get hasPaused(): boolean {
    return this.#paused.size > 0
  }

  get paused(): PausedMapping[] {
    return [...this.#paused].map((mapping) => {
      const { since, reasons } = this.#seen.get(mapping)!.paused!
      return { collection: mapping.collection.name, type: mapping.type, since, reasons }
    })
  }

  /** What was paused before the process ended is paused still, unless its configuration is another one. */
  async load(): Promise<void> {
    if (this.isBlind) return
    const { replica, context } = this.#shared
    for (const mapping of context.mappings) {
      const key = schemaKey(mapping)
      const bytes = await replica.table(tableOf(context.system, 'schema'), key)
      const seen = bytes && decodeSeen(key, bytes)
      if (!seen) continue
      this.#seen.set(mapping, seen)
      if (seen.paused && seen.config === this.#configs.get(mapping)) this.#paused.add(mapping)
    }
  }

  /** Reads the schema; whoever asks meanwhile is answered by a reading that began after the question. */
  async look(): Promise<void> {
    if (this.isBlind) return
    await this.#looking
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** For its job. @returns milliseconds until it is time again */
  async run(intervalMs: number): Promise<number | undefined> {
    const sinceMs = this.#shared.context.host.now() - this.#lookedAt
    const isDue = sinceMs < 0 || sinceMs >= (intervalMs || Number.POSITIVE_INFINITY)
    if (this.hasPaused || isDue || this.#lookedAt === Number.NEGATIVE_INFINITY) await this.look()
    else await this.suspect()
    return intervalMs === 0 || this.isBlind ? undefined : intervalMs
  }

  /** Something that a change of the schema would explain; but not more often than a system should be asked. */
  async suspect(): Promise<void> {
    const { host } = this.#shared.context
    const sinceMs = host.now() - this.#lookedAt
    if (sinceMs >= 0 && sinceMs < SCHEMA_SUSPECT_MS_MIN) return
    await this.look()
  }

  /**
   * A field that is gone looks like one that was emptied. So before a row is taken in that does not have a field at all, of which something is known, the schema is read (B-193).
   */
  async vet(rows: readonly ExternalRow[], sent: JsonObject = {}): Promise<void> {
    if (this.isBlind) return
    const isLost = ([name, value]: [string, Json], row: ExternalRow) =>
      value !== null && !row.deleted && !Object.hasOwn(row.value, name)
    for (const row of rows)
      if (Object.entries(sent).some((one) => isLost(one, row)) || (await this.#lacksField(row))) {
        await this.look()
        return
      }
  }

  async #lacksField(row: ExternalRow): Promise<boolean> {
    const { replica, context } = this.#shared
    if (row.deleted) return false
    const roots = new Set<string>()
    for (const { fields } of mappingsOfType(context, row.type))
      for (const { row: paths, direction } of fields)
        if (direction !== 'out')
          for (const { root } of paths) if (!Object.hasOwn(row.value, root)) roots.add(root)
    if (roots.size === 0) return false
    const link = await replica.table(tableOf(context.system, 'links'), linkKey(row.type, { id: row.id }))
    const record = link && new TextDecoder().decode(link)
    const bytes = record && (await replica.table(tableOf(context.system, 'shadow'), record))
    if (!record || !bytes) return false
    const { value, version } = decodeShadow(record, bytes)
    return version !== row.version && [...roots].some((root) => (value[root] ?? null) !== null)
  }

  async #look(): Promise<void> {
    const { adapter, context, call } = this.#shared
    const types = [...new Set(context.mappings.map(({ type }) => type))]
    const schema = await readSchema(adapter, types, call)
    if (!schema || call.signal.aborted) return
    if ('kind' in schema) {
      if (!this.#hasFailed)
        context.report({
          level: 'warn',
          code: 'schema-unread',
          message: `${context.system} did not tell its schema (${schema.kind}): ${schema.reason}; mappings go by what is known of it`,
        })
      this.#hasFailed = true
      return
    }
    this.#hasFailed = false
    this.#lookedAt = context.host.now()
    await this.#judge(schema)
  }

  async #judge(schema: SystemSchema): Promise<void> {
    const { context } = this.#shared
    const { mappings, host } = context
    const now = host.now()
    const judged = mappings.map((mapping) => {
      const seen = this.#seen.get(mapping)
      const config = this.#configs.get(mapping)!
      return { mapping, seen, next: judge(mapping, { mappings, schema, seen, config, now }) }
    })
    const changed = judged.filter(({ seen, next }) => !isAlike(seen, next))
    if (changed.length > 0)
      await this.#shared.transact(async (tables) => {
        for (const { mapping, next } of changed) {
          tables.put('schema', schemaKey(mapping), encodeSeen(next))
          this.#tell(tables, mapping, next)
        }
      })
    const since = new Map<Mapping, number>()
    for (const { mapping, seen, next } of judged) {
      this.#seen.set(mapping, next)
      if (next.paused) this.#paused.add(mapping)
      else if (this.#paused.delete(mapping)) since.set(mapping, seen?.fits?.at ?? 0)
    }
    if (changed.length > 0) await loadIndex(this.#shared)
    if (since.size > 0) await this.#resume(since)
  }

  #tell(
    tables: { tell(event: Parameters<Shared['context']['report']>[0]): void },
    mapping: Mapping,
    next: SeenSchema,
  ): void {
    const { collection, type } = mapping
    const { system } = this.#shared.context
    const name = `mapping ${collection.name} ↔ ${type}`
    const fields = { collection: collection.name, type }
    if (next.paused)
      tables.tell({
        level: 'error',
        code: 'mapping-paused',
        message: `${name} is paused, everything else goes on: ${next.paused.reasons.map(({ message }) => message).join('; ')}`,
        fields: { ...fields, reasons: next.paused.reasons.length },
      })
    else if (this.#paused.has(mapping))
      tables.tell({
        level: 'info',
        code: 'mapping-resumed',
        message: `${name} fits the schema of ${system} again, and goes on`,
        fields,
      })
  }

  /** What became a dead letter since it fitted last may have been the schema's fault. @param since by mapping */
  async #resume(since: ReadonlyMap<Mapping, number>): Promise<void> {
    const dead = await deadLetters(this.#shared)
    for (const [{ collection, type }, at] of since) {
      const own = dead.filter((letter) => letter.record.startsWith(`${collection.name}/`) && letter.at >= at)
      await retryDead(this.#shared, { records: own.map(({ record }) => record), type })
    }
    await this.#resumed()
  }
}

/** But for when it was seen. */
function isAlike(a: SeenSchema | undefined, b: SeenSchema): boolean {
  const plain = (seen: SeenSchema) => ({ ...seen, fits: seen.fits?.fields }) as unknown as Json
  return (
    a !== undefined &&
    equalJson(JSON.parse(JSON.stringify(plain(a))) as Json, JSON.parse(JSON.stringify(plain(b))) as Json)
  )
}
