/** Many writes in one request: what each looks like is a template of the config, where its answer stands a place (config-write.ts). */
import type { Call, ExternalRow, Write, WriteAnswer } from '@skerry/bridge'
import type { Told } from '@skerry/bridge/http'
import type { Json, JsonObject } from '@skerry/core'
import { failureTold, meaningOf } from './classify.ts'
import { type Client, pathOf } from './client.ts'
import type { RestConfig } from './config.ts'
import type { Meaning } from './config-answers.ts'
import type { BatchConfig } from './config-write.ts'
import { valueAt, withValueAt } from './path-in.ts'
import type { Reader } from './reader.ts'
import { writtenFields } from './requests.ts'
import { rowOf } from './rows.ts'
import { goneRow, neverRestored } from './writer.ts'

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
    const isAnew = write.id === undefined || (write.restore && config.write.restore.kind === 'create')
    return filled(isAnew ? this.#batch.create : this.#batch.update, words)
  }

  #answer(type: string, write: Write, item: unknown, whole: Told): WriteAnswer {
    const { config } = this.#client
    const places = this.#batch
    const status = Number(valueAt(item, places.status))
    if (!Number.isInteger(status))
      return { kind: 'unknown', reason: `an answer in a batch has no status at '${places.status}'` }
    const json = valueAt(item, places.problem) ?? valueAt(item, places.row)
    const body = json === undefined ? '' : JSON.stringify(json)
    const told: Told = { status, headers: whole.headers, body, json }
    const row = rowOf(config, type, valueAt(item, places.row)) ?? this.#reader.rowInProblem(type, json)
    const answered = { type, write, told, row }
    return write.action === 'delete' ? this.#deleted(answered) : this.#upserted(answered)
  }

  #deleted({ type, write, told, row }: Item): WriteAnswer {
    const meaning = meaningOf(this.#client.config, told, 'write')
    const gone = goneRow(type, write.id ?? '', write.externalId)
    if (meaning === 'done' || meaning === 'absent')
      return { kind: 'done', row: { ...(row ?? gone), deleted: true } }
    if ((meaning === 'conflict' || meaning === 'gone') && row?.deleted) return { kind: 'done', row }
    return this.#refused(told, meaning, row)
  }

  #upserted({ type, write, told, row }: Item): WriteAnswer {
    const { config } = this.#client
    const meaning = meaningOf(config, told, 'write')
    if (meaning === 'done')
      return row
        ? { kind: 'done', row }
        : { kind: 'unknown', reason: `a write in a batch was answered ${told.status} without its row` }
    if (meaning === 'absent' && config.deletions === 'unseen' && write.id !== undefined)
      return { kind: 'conflict', row: goneRow(type, write.id, write.externalId) }
    if (row?.deleted && config.write.restore.kind === 'never' && write.action === 'upsert' && write.restore)
      return neverRestored(type)
    return this.#refused(told, meaning, row)
  }

  #refused(told: Told, meaning: Meaning, row: ExternalRow | undefined): WriteAnswer {
    if (meaning !== 'conflict' && meaning !== 'gone')
      return this.#client.hidden(failureTold(this.#client.config, told, 'write'))
    if (row) return { kind: 'conflict', row }
    return { kind: 'later', reason: 'a conflict in a batch was told without the row as it is' }
  }
}

interface Item {
  type: string
  write: Write
  told: Told
  /** The row in the answer, or in its refusal. */
  row: ExternalRow | undefined
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
