/** The adapter for JSON REST APIs: requests out, answers classified. Retries, budgets and conflicts are the bridge's business. */
import type {
  Adapter,
  Call,
  ChangesAnswer,
  DeleteRequest,
  Failure,
  ListAnswer,
  ReadAnswer,
  UpsertRequest,
  Write,
  WriteAnswer,
} from '@skerry/bridge'
import { Batch } from './batch.ts'
import { Client } from './client.ts'
import { checkConfig, type RestAdapterOptions, type RestConfig } from './config.ts'
import { Feed } from './feed.ts'
import { Reader, type RowKey } from './reader.ts'
import { receiveWebhooks } from './webhooks.ts'
import { Writer } from './writer.ts'

/** @throws RestConfigError */
export function restAdapter(options: RestAdapterOptions): Adapter {
  return new RestAdapter(checkConfig(options))
}

/** Reads in one `readMany`: no API asked here has an address for several ids that others have too. */
const READS_MAX = 1

class RestAdapter implements Adapter {
  readonly name: string
  readonly capabilities
  readonly #config: RestConfig
  readonly #client: Client
  readonly #reader: Reader
  readonly #writer: Writer
  readonly #feed: Feed
  /** Present when pushes are configured; a system without them is polled. */
  readonly listen?: NonNullable<Adapter['listen']>
  /** Present when a batch is described. */
  readonly writeMany?: NonNullable<Adapter['writeMany']>
  readonly readMany?: NonNullable<Adapter['readMany']>

  constructor(config: RestConfig) {
    this.#config = config
    this.name = config.name
    const { compareAndSet, replayMs, deletions, batch, webhook } = config
    this.capabilities = {
      compareAndSet,
      replayMs,
      freshListing: true,
      deletions,
      ...(batch && { batch: { writesMax: batch.writesMax, readsMax: READS_MAX } }),
    }
    const client = new Client(config)
    const reader = new Reader(client)
    this.#client = client
    this.#reader = reader
    this.#writer = new Writer(client, reader)
    this.#feed = new Feed(client)
    if (webhook) this.listen = (onHint, call) => receiveWebhooks({ client, webhook, onHint, call })
    if (!batch) return
    const many = new Batch(client, reader, batch)
    this.writeMany = (type: string, writes: readonly Write[], call: Call) => many.write(type, writes, call)
    this.readMany = (type, ids, call) => this.#readMany(type, ids, call)
  }

  async check(call: Call): Promise<{ kind: 'ok' } | Failure> {
    const answer = await this.#client.send({ method: 'GET', path: this.#config.paths.check }, call)
    if (answer.kind === 'answer' && this.#client.meaningOf(answer, 'read') === 'done') return { kind: 'ok' }
    return this.#client.failureOf(answer, 'read')
  }

  read(type: string, key: RowKey, call: Call): Promise<ReadAnswer> {
    return this.#reader.read(type, key, call)
  }

  changes(type: string, position: string | undefined, limit: number, call: Call): Promise<ChangesAnswer> {
    return this.#feed.changes(type, position, limit, call)
  }

  list(type: string, position: string | undefined, limit: number, call: Call): Promise<ListAnswer> {
    return this.#feed.whole(type, position, limit, call)
  }

  upsert(type: string, request: UpsertRequest, call: Call): Promise<WriteAnswer> {
    return this.#writer.upsert(type, request, call)
  }

  delete(type: string, request: DeleteRequest, call: Call): Promise<WriteAnswer> {
    return this.#writer.delete(type, request, call)
  }

  async #readMany(type: string, ids: readonly string[], call: Call): Promise<ReadAnswer[]> {
    if (ids.length > READS_MAX)
      throw new RangeError(`${ids.length} rows to be read at once; ${READS_MAX} fits`)
    return Promise.all(ids.map((id) => this.read(type, { id }, call)))
  }
}
