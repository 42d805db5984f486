/** The adapter for HubSpot: its parts put together. */
import type { Adapter } from '@skerry/bridge'
import { Changes } from './changes.ts'
import { Client } from './client.ts'
import { checkConfig, type HubSpotAdapterOptions } from './config.ts'
import { Definitions } from './definitions.ts'
import { Descriptions } from './describe.ts'
import { BATCH_ROWS_MAX } from './limits.ts'
import { Listing } from './listing.ts'
import { Many } from './many.ts'
import { Reader } from './reader.ts'
import { receiveWebhooks } from './webhooks.ts'
import { Writer } from './writer.ts'

/** @throws HubSpotConfigError */
export function hubspotAdapter(options: HubSpotAdapterOptions): Adapter {
  const config = checkConfig(options)
  const { webhook } = config
  const client = new Client(config)
  const definitions = new Definitions(client)
  const reader = new Reader(client, definitions)
  const writer = new Writer(client, reader, definitions)
  const many = new Many(client, reader, writer, definitions)
  const changes = new Changes(client, reader, definitions)
  const listing = new Listing(reader, definitions)
  const descriptions = new Descriptions(client, definitions)
  return {
    name: config.name,
    capabilities: {
      // There is no condition on a write: the bridge reads just before it (SPEC HS-20).
      compareAndSet: false,
      replayMs: 0,
      freshListing: true,
      batch: { writesMax: BATCH_ROWS_MAX, readsMax: BATCH_ROWS_MAX },
      deletions: 'told',
      // A property that was asked for and is not told does not exist any more (SPEC HS-07).
      emptyFields: 'shown',
    },
    check: (call) => descriptions.check(call),
    describe: (types, call) => descriptions.describe(types, call),
    read: (type, key, call) => reader.read(type, key, call),
    readMany: (type, ids, call) => reader.readMany(type, ids, call),
    changes: (type, position, limit, call) => changes.changes(type, position, limit, call),
    list: (type, position, limit, call) => listing.list(type, position, limit, call),
    upsert: (type, request, call) => writer.upsert(type, request, call),
    delete: (type, request, call) => writer.delete(type, request, call),
    writeMany: (type, writes, call) => many.write(type, writes, call),
    ...(webhook && { listen: (onHint) => receiveWebhooks(config, webhook, onHint) }),
  }
}
