/** The adapter for services that speak OData v4: its parts put together. */
import type { Adapter } from '@skerry/bridge'
import { Batch } from './batch.ts'
import { Client } from './client.ts'
import { checkConfig, type ODataAdapterOptions } from './config.ts'
import { Delta } from './delta.ts'
import { Descriptions } from './describe.ts'
import { BATCH_PARTS_MAX } from './limits.ts'
import { Listing } from './listing.ts'
import { Many } from './many.ts'
import { Modified } from './modified.ts'
import { Reader } from './reader.ts'
import { Writer } from './writer.ts'

/** @throws ODataConfigError */
export function odataAdapter(options: ODataAdapterOptions): Adapter {
  const config = checkConfig(options)
  const client = new Client(config)
  const reader = new Reader(client)
  const writer = new Writer(client, reader)
  const changes = config.changes === 'delta' ? new Delta(client, reader) : new Modified(client, reader)
  const listing = new Listing(client, reader)
  const descriptions = new Descriptions(client)
  const many = new Many(client, reader, writer, new Batch(client))
  return {
    name: config.name,
    capabilities: {
      compareAndSet: config.versions === 'etag',
      replayMs: 0,
      freshListing: true,
      deletions: config.changes === 'delta' ? 'told' : 'unseen',
      ...(config.batch !== false && { batch: { writesMax: BATCH_PARTS_MAX, readsMax: BATCH_PARTS_MAX } }),
    },
    check: (call) => descriptions.check(call),
    describe: (types, call) => descriptions.describe(types, call),
    read: (set, key, call) => reader.read(set, key, call),
    changes: async (set, position, limit, call) => {
      const type = client.typed(set)
      return type.kind === 'type' ? changes.changes(type, position, limit, call) : type
    },
    list: (set, position, limit, call) => listing.list(set, position, limit, call),
    upsert: (set, request, call) => writer.write(set, { action: 'upsert', ...request }, call),
    delete: (set, request, call) => writer.write(set, { action: 'delete', ...request }, call),
    ...(config.batch !== false && {
      writeMany: (set, writes, call) => many.write(set, writes, call),
      readMany: (set, ids, call) => many.read(set, ids, call),
    }),
  }
}
