/** The server of ours: a hub on SQLite, started as any other. */
import { join } from 'node:path'
import type { Records } from '@skerry/core'
import { type Hub, startHub } from '@skerry/hub'
import { together } from '../../src/together.ts'
import { type FieldRecord, fieldRecord, idOf } from './field-record.ts'
import { CHANNEL, collections, SPACE } from './ours-collection.ts'
import { serveContender } from './serve-contender.ts'
import type { Place, ServerCommands } from './server.ts'

const DAY_MS = 86_400_000

let hub: Hub

async function start({ folder }: Place): Promise<void> {
  hub = await startHub(
    { space: SPACE, collections },
    { port: 0, store: join(folder, 'hub.db'), logLevel: 'error', drainMs: 500 },
  )
}

const server: ServerCommands = {
  async seed(place) {
    await start(place)
    const records = hub.replica.collection('records') as unknown as Records<FieldRecord>
    await together(place.records, (number) => records.create(fieldRecord(number), { id: idOf(number) }))
    await hub.close()
  },

  async open(place) {
    await start(place)
    return hub.syncUrl
  },

  async admit(publicKey) {
    if (publicKey === undefined) throw new TypeError('a device of ours says its public key')
    const subject = `device ${Buffer.from(publicKey).toString('hex', 0, 4)}`
    const [read, write, expiresAt] = [[CHANNEL], [CHANNEL], Date.now() + DAY_MS]
    return [await hub.issue({ subject, publicKey, read, write, expiresAt })]
  },
}

serveContender(server)
