/** The replica of an adapter node, with the collections of the config. */
import type { Replica } from '@skerry/core'
import type { Logger } from '@skerry/hub'
import { openReplica } from '@skerry/node'
import { type Accept, sqliteStore } from '@skerry/store-sqlite'
import { channelsOfGateway, segmentKind } from '@skerry/streams'
import { nodeCompressor } from '@skerry/streams/node'
import type { SkerryConfig } from './config.ts'

/** @throws StoreError */
export function openNode(
  config: SkerryConfig,
  path: string,
  accept: Accept | undefined,
  log: Logger,
): Promise<Replica> {
  return openReplica({
    store: sqliteStore({
      path,
      ...(accept && { accept }),
      warn: (message) => log.warn({ file: path }, message),
    }),
    collections: config.collections,
    space: config.space,
    // Who may read everything is told telemetry too.
    kinds: {
      segment: segmentKind({
        compressor: nodeCompressor,
        channels: config.streams?.channels ?? channelsOfGateway,
      }),
    },
    events: ({ level, code, message, fields }) => log[level]({ code, ...fields }, message),
  })
}
