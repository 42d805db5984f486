/** The adapter for Salesforce: its parts put together, and nothing written before jobs that were left behind have ended. */
import type { Adapter, Call, DeleteRequest, Failure, UpsertRequest, Write, WriteAnswer } from '@skerry/bridge'
import { Bulk } from './bulk.ts'
import { BulkJobs } from './bulk-jobs.ts'
import { Changes } from './changes.ts'
import { Client } from './client.ts'
import { Collections } from './collections.ts'
import { checkConfig, type SalesforceAdapterOptions, type SalesforceConfig } from './config.ts'
import { Descriptions } from './describe.ts'
import { listenToEvents } from './events.ts'
import { BULK_WRITES_MAX, COLLECTION_ROWS_MAX } from './limits.ts'
import { Listing } from './listing.ts'
import { Many } from './many.ts'
import { Reader, typeConfig } from './reader.ts'
import { SeenVersions } from './seen.ts'
import { Writer } from './writer.ts'

/** @throws SalesforceConfigError */
export function salesforceAdapter(options: SalesforceAdapterOptions): Adapter {
  const config = checkConfig(options)
  const client = new Client(config)
  const seen = new SeenVersions()
  const reader = new Reader(client, seen)
  const writer = new Writer(client, reader, seen)
  const changes = new Changes(client, reader)
  const listing = new Listing(client, reader)
  const descriptions = new Descriptions(client)
  const writes = new Writes(client, reader, writer, config)
  return {
    name: config.name,
    capabilities: {
      compareAndSet: true,
      replayMs: 0,
      freshListing: true,
      batch: { writesMax: COLLECTION_ROWS_MAX, readsMax: COLLECTION_ROWS_MAX },
      bulk:
        config.bulk === false ? undefined : { writesMin: config.bulk.writesMin, writesMax: BULK_WRITES_MAX },
      deletions: 'told',
    },
    check: (call) => descriptions.check(call),
    describe: (types, call) => descriptions.describe(types, call),
    read: (type, key, call) => reader.read(type, key, call),
    readMany: (type, ids, call) => reader.readMany(type, ids, call),
    changes: (type, position, limit, call) => changes.changes(type, position, limit, call),
    list: (type, position, limit, call) => listing.list(type, position, limit, call),
    upsert: (type, request, call) => writes.upsert(type, request, call),
    delete: (type, request, call) => writes.delete(type, request, call),
    writeMany: (type, asked, call) => writes.many(type, asked, call),
    ...(config.bulk !== false && { writeBulk: (type, asked, call) => writes.bulk(type, asked, call) }),
    ...(config.events && { listen: (onHint, call) => listenToEvents(client, seen, onHint, call) }),
  }
}

class Writes {
  readonly #client: Client
  readonly #writer: Writer
  readonly #batch: Many
  readonly #bulk: Many | undefined
  readonly #jobs: BulkJobs | undefined

  constructor(client: Client, reader: Reader, writer: Writer, { bulk }: SalesforceConfig) {
    this.#client = client
    this.#writer = writer
    this.#batch = new Many(reader, writer, new Collections(client, reader))
    this.#jobs = bulk === false ? undefined : new BulkJobs(client, bulk)
    this.#bulk = this.#jobs && new Many(reader, writer, new Bulk(this.#jobs))
  }

  async upsert(type: string, request: UpsertRequest, call: Call): Promise<WriteAnswer> {
    return (await this.#jobs?.endLeft(call)) ?? this.#writer.upsert(type, request, call)
  }

  async delete(type: string, request: DeleteRequest, call: Call): Promise<WriteAnswer> {
    return (await this.#jobs?.endLeft(call)) ?? this.#writer.delete(type, request, call)
  }

  many(type: string, writes: readonly Write[], call: Call): Promise<WriteAnswer[]> {
    return this.#all(this.#batch, COLLECTION_ROWS_MAX, type, writes, call)
  }

  bulk(type: string, writes: readonly Write[], call: Call): Promise<WriteAnswer[]> {
    return this.#all(this.#bulk ?? this.#batch, BULK_WRITES_MAX, type, writes, call)
  }

  async #all(
    many: Many,
    most: number,
    type: string,
    writes: readonly Write[],
    call: Call,
  ): Promise<WriteAnswer[]> {
    if (writes.length > most) throw new RangeError(`${writes.length} writes; ${most} fit`)
    if (writes.length === 0) return []
    const config = typeConfig(this.#client, type)
    const failure: Failure | undefined = config.kind === 'type' ? await this.#jobs?.endLeft(call) : config
    if (failure || config.kind !== 'type') return writes.map(() => failure ?? (config as Failure))
    return many.write(type, { ...config, where: undefined }, writes, call)
  }
}
