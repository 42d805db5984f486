/** Many writes in one request: what each looks like is a template of the config, where its answer stands a place (config-write.ts). */
import type { Call, Write, WriteAnswer } from '@skerry/bridge'
import type { Told } from '@skerry/bridge/http'
import type { Json, JsonObject } from '@skerry/core'
import { failureTold, meaningOf } from './classify.ts'
import { type Client, pathOf } from './client.ts'
import type { RestConfig } from './config.ts'
import type { BatchConfig } from './config-write.ts'
import { valueAt, withValueAt } from './path-in.ts'
import type { Reader } from './reader.ts'
import { writtenFields } from './requests.ts'
import { rowOf } from './rows.ts'
import { goneRow } from './writer.ts'

export class Batch {
  readonly #client: Client
  readonly #reader: Reader
  readonly #batch: BatchConfig

  constructor(client: Client, reader: Reader, batch: BatchConfig) {
    this.#client = client
    this.#reader = reader
    this.#batch = batch
  }

  /** @throws RangeError for more writes than fit */
  async write(type: string, writes: readonly Write[], call: Call): Promise<WriteAnswer[]> {
    const { path, items, answers, writesMax } = this.#batch
    if (writes.length > writesMax)
      throw new RangeError(`${writes.length} writes in one batch; ${writesMax} fit`)
    if (writes.length === 0) return []
    const { config } = this.#client
    const body = withValueAt(
      {},
      items,
      writes.map((write) => this.#item(config, type, write)),
    )
    const headers = { 'content-type': 'application/json' }
    const what = { method: 'POST', path: pathOf(path, { type }), headers, body: JSON.stringify(body) }
    const answer = await this.#client.send(what, call)
    if (answer.kind !== 'answer' || this.#client.meaningOf(answer, 'write') !== 'done') {
      const failure = this.#client.failureOf(answer, 'write')
      return writes.map(() => failure)
    }
    const listed = valueAt(answer.json, answers)
    if (!Array.isArray(listed) || listed.length !== writes.length) {
      const reason = `a batch of ${writes.length} writes was not answered with as many answers at '${answers}'`
      return writes.map(() => ({ kind: 'unknown', reason }))
    }
    return writes.map((write, i) => this.#answer(type, write, listed[i], answer))
  }

  #item(config: RestConfig, type: string, write: Write): JsonObject {
    const version = config.compareAndSet ? write.expectedVersion : undefined
    const words: Record<string, Json | undefined> = {
      type,
      id: write.id,
      externalId: write.externalId,
      version: version ?? undefined,
      etag: typeof version === 'string' ? config.etag(version) : undefined,
      ifNone: version === null ? '*' : undefined,
    }
    if (write.action === 'delete') return filled(this.#batch.delete, words)
    words.fields = writtenFields(config, write.fields)
    words.restore = write.restore || undefined
    return filled(write.id === undefined ? this.#batch.create : this.#batch.update, words)
  }

  #answer(type: string, write: Write, item: unknown, whole: Told): WriteAnswer {
    const { config } = this.#client
    const { status, row: rowPlace, problem } = this.#batch
    const json = valueAt(item, problem) ?? valueAt(item, rowPlace)
    const told: Told = {
      status: Number(valueAt(item, status)),
      headers: whole.headers,
      body: json === undefined ? '' : JSON.stringify(json),
      json,
    }
    const meaning = Number.isInteger(told.status) ? meaningOf(config, told, 'write') : 'unknown'
    const { id = '', externalId } = write
    const gone = goneRow(type, id, externalId)
    const isDelete = write.action === 'delete'
    if (isDelete && meaning === 'absent') return { kind: 'done', row: gone }
    const row = rowOf(config, type, valueAt(item, rowPlace)) ?? this.#reader.rowInProblem(type, json)
    if (meaning === 'done') {
      if (isDelete) return { kind: 'done', row: { ...(row ?? gone), deleted: true } }
      return row
        ? { kind: 'done', row }
        : { kind: 'unknown', reason: `a write in a batch was answered ${told.status} without its row` }
    }
    if (meaning === 'conflict' || meaning === 'gone') {
      if (row) return isDelete && row.deleted ? { kind: 'done', row } : { kind: 'conflict', row }
      return { kind: 'later', reason: `a conflict in a batch was told without the row as it is` }
    }
    if (meaning === 'absent' && config.deletions === 'unseen' && id !== '')
      return { kind: 'conflict', row: gone }
    return this.#client.hidden(failureTold(config, told, 'write'))
  }
}

/** The template with its words filled in; a member whose word has no value is left out. */
function filled(template: JsonObject, words: Record<string, Json | undefined>): JsonObject {
  const entries = Object.entries(template).flatMap(([name, value]): [string, Json][] => {
    const [, word] = typeof value === 'string' ? (/^\{(\w+)\}$/.exec(value) ?? []) : []
    if (word !== undefined) return words[word] === undefined ? [] : [[name, words[word]]]
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[name, value]]
    return [[name, filled(value, words)]]
  })
  return Object.fromEntries(entries)
}
