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
import { linkKey } from '../links.ts'
import { type Path, valueAt } from '../mapping/path.ts'
import type { Mapping } from '../mapping.ts'
import { decodeShadow } from '../shadow.ts'
import { tableOf } from '../tables.ts'
import { decodeSeen, encodeSeen, judge, type Lacking, type SeenSchema, schemaKey } from './drift.ts'
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

interface Watched {
  roots: readonly string[]
  parts: readonly Path[]
}

interface Judged {
  mapping: Mapping
  seen: SeenSchema | undefined
  next: SeenSchema
}

export class SchemaGuard {
  readonly #shared: Shared
  readonly #paused: Set<Mapping>
  readonly #resumed: () => Promise<void>
  readonly #seen = new Map<Mapping, SeenSchema>()
  readonly #configs = new Map<Mapping, string>()
  #looking: Promise<string | undefined> | undefined
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

  /** Reads the schema; whoever asks meanwhile is answered by a reading that began after the question. @returns why it could not be read */
  async look(): Promise<string | undefined> {
    if (this.isBlind) return undefined
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
   * A field that is gone looks like one that was emptied. So before a row is taken in that does not have a field at all, of which something is known, the schema is read (B-193); while it
   * cannot be read, mappings of that field are paused.
   */
  async vet(rows: readonly ExternalRow[], sent: JsonObject = {}): Promise<void> {
    const [first] = rows
    if (this.isBlind || !first) return
    const { type } = first
    const watched = this.#watched(type)
    for (const row of rows) {
      const lacked = lackedIn(row, sent, watched.parts) ?? (await this.#lackedOfKnown(row, watched))
      if (lacked === undefined) continue
      const unread = await this.look()
      if (unread !== undefined) await this.#pauseUnread(type, lacked, unread)
      else if (this.#showsEmpty) await this.#pauseUnshown(row, lacked)
      return
    }
  }

  /** Places in rows of the type that are taken in, and of them those in objects that the schema shows as fields of their own, so that it can tell whether they are gone. */
  #watched(type: string): Watched {
    const mappings = mappingsOfType(this.#shared.context, type)
    const places = mappings.flatMap((mapping) => {
      const described = this.#seen.get(mapping)?.fits?.fields ?? {}
      const taken = mapping.fields.filter(({ direction }) => direction !== 'out').flatMap(({ row }) => row)
      return taken.map((path) => ({
        path,
        isPart: path.steps.length > 1 && Object.hasOwn(described, path.text),
      }))
    })
    return {
      roots: [...new Set(places.map(({ path }) => path.root))],
      parts: places.filter(({ isPart }) => isPart).map(({ path }) => path),
    }
  }

  async #lackedOfKnown(row: ExternalRow, { roots, parts }: Watched): Promise<string | undefined> {
    const { replica, context } = this.#shared
    const hasAll =
      roots.every((root) => Object.hasOwn(row.value, root)) &&
      parts.every((path) => valueAt(row.value, path) !== undefined)
    if (hasAll || row.deleted) return undefined
    const link = await replica.table(tableOf(context.system, 'links'), linkKey(row.type, { id: row.id }))
    const record = link && new TextDecoder().decode(link)
    const bytes = record && (await replica.table(tableOf(context.system, 'shadow'), record))
    if (!record || !bytes) return undefined
    const { value, version } = decodeShadow(record, bytes)
    const known = Object.fromEntries(roots.map((root) => [root, value[root] ?? null]))
    return version === row.version ? undefined : lackedIn(row, known, parts)
  }

  /** @returns why it could not be read */
  async #look(): Promise<string | undefined> {
    const { adapter, context, call } = this.#shared
    const types = [...new Set(context.mappings.map(({ type }) => type))]
    const schema = await readSchema(adapter, types, call)
    if (!schema) return undefined
    if (call.signal.aborted) return 'the bridge is being closed'
    if ('kind' in schema) {
      const why = `${context.system} did not tell its schema (${schema.kind}): ${schema.reason}`
      if (!this.#hasFailed)
        context.report({
          level: 'warn',
          code: 'schema-unread',
          message: `${why}; mappings go by what is known of it`,
        })
      this.#hasFailed = true
      return why
    }
    this.#hasFailed = false
    this.#lookedAt = context.host.now()
    await this.#judge(schema)
    return undefined
  }

  get #showsEmpty(): boolean {
    return this.#shared.adapter.capabilities.emptyFields === 'shown'
  }

  /** Whether the field is gone or was emptied cannot be told: nothing of the row is taken in before it can. */
  #pauseUnread(type: string, external: string, why: string): Promise<void> {
    const message = `a row of ${type} has no field '${external}', and ${why}; it goes on when the schema can be read and shows the field`
    return this.#pause(type, { code: 'schema-unread', external, message })
  }

  /** The schema has the field, and the row would show an empty one: it is gone, and the schema lags behind. */
  #pauseUnshown({ type, id }: ExternalRow, external: string): Promise<void> {
    const message = `a row of ${type} has no field '${external}', although ${this.#shared.context.system} describes it and shows empty ones; it goes on when ${type} ${id} has the field again, or is gone`
    return this.#pause(type, { code: 'field-unshown', external, message }, { row: id, field: external })
  }

  /** Mappings that take the field in. A schema that could never be read is none, and nobody waits for it. */
  async #pause(
    type: string,
    about: Pick<Finding, 'code' | 'message'> & { external: string },
    lacking?: Lacking,
  ): Promise<void> {
    const { context } = this.#shared
    const held = mappingsOfType(context, type).filter(
      (mapping) =>
        !this.#paused.has(mapping) &&
        this.#seen.get(mapping)?.fits !== undefined &&
        takesIn(mapping, about.external),
    )
    await this.#hold(
      held.map((mapping) => {
        const seen = this.#seen.get(mapping)
        const config = this.#configs.get(mapping)!
        const fits = seen?.config === config ? seen.fits : undefined
        const reason: Finding = { level: 'error', collection: mapping.collection.name, type, ...about }
        const paused = { since: context.host.now(), reasons: [reason], ...(lacking && { lacking }) }
        return { mapping, seen, next: { format: 1, config, ...(fits && { fits }), paused } }
      }),
    )
  }

  async #judge(schema: SystemSchema): Promise<void> {
    const { context } = this.#shared
    const { mappings, host } = context
    const now = host.now()
    const judged: Judged[] = []
    for (const mapping of mappings) {
      const seen = this.#seen.get(mapping)
      const config = this.#configs.get(mapping)!
      const next = judge(mapping, { mappings, schema, seen, config, now })
      const isLacking = !next.paused && (await this.#lacksStill(mapping))
      judged.push({ mapping, seen, next: isLacking ? seen! : next })
    }
    await this.#hold(judged)
  }

  /** Of a mapping that fits the schema: whether the row that lacked a field of it does so still, as far as the system tells. */
  async #lacksStill(mapping: Mapping): Promise<boolean> {
    const seen = this.#seen.get(mapping)
    const lacking = seen?.config === this.#configs.get(mapping) ? seen?.paused?.lacking : undefined
    if (!lacking || !takesIn(mapping, lacking.field)) return false
    const { adapter, call } = this.#shared
    const answer = await adapter.read(mapping.type, { id: lacking.row }, call)
    if (answer.kind === 'absent') return false
    if (answer.kind !== 'row') return true
    const path = mapping.fields.flatMap(({ row }) => row).find(({ text }) => text === lacking.field)
    const value = path ? valueAt(answer.row.value, path) : answer.row.value[lacking.field]
    return !answer.row.deleted && value === undefined
  }

  /** What mappings are held to from now on. */
  async #hold(judged: readonly Judged[]): Promise<void> {
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

function takesIn(mapping: Mapping, external: string): boolean {
  return mapping.fields.some(
    ({ row, direction }) =>
      direction !== 'out' && row.some(({ root, text }) => root === external || text === external),
  )
}

/** The first field that the row does not have at all, and of which `known` says something. */
function lackedIn(row: ExternalRow, known: JsonObject, parts: readonly Path[]): string | undefined {
  if (row.deleted) return undefined
  const isSaid = (value: Json | undefined) => value !== undefined && value !== null
  const root = Object.keys(known).find((name) => isSaid(known[name]) && !Object.hasOwn(row.value, name))
  const part = parts.find((path) => isSaid(valueAt(known, path)) && valueAt(row.value, path) === undefined)
  return root ?? part?.text
}

/** But for when it was seen. */
function isAlike(a: SeenSchema | undefined, b: SeenSchema): boolean {
  const plain = (seen: SeenSchema) => ({ ...seen, fits: seen.fits?.fields }) as unknown as Json
  return (
    a !== undefined &&
    equalJson(JSON.parse(JSON.stringify(plain(a))) as Json, JSON.parse(JSON.stringify(plain(b))) as Json)
  )
}
