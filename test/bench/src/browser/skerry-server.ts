/** The server of Skerry: a hub on SQLite, started as any other. */
import { join } from 'node:path'
import { fromHex, type Records } from '@skerry/core'
import { type Hub, startHub } from '@skerry/hub'
import { editOf, type FieldRecord, fieldRecord, idOf } from '../../peers/src/field-record.ts'
import { CHANNEL, collections, SPACE } from '../../peers/src/ours-collection.ts'
import { serveContender } from '../../peers/src/serve-contender.ts'
import { together } from '../together.ts'
import { type BrowserServerCommands, type Place, servePages } from './server.ts'

const DAY_MS = 86_400_000

let hub: Hub

const records = () => hub.replica.collection('records') as unknown as Records<FieldRecord>

async function start({ folder }: Place): Promise<void> {
  hub = await startHub(
    { space: SPACE, collections },
    { port: 0, store: join(folder, 'hub.db'), logLevel: 'error', drainMs: 500 },
  )
}

const server: BrowserServerCommands = {
  async seed(place) {
    await start(place)
    await together(place.records, (number) => records().create(fieldRecord(number), { id: idOf(number) }))
    await hub.close()
  },

  async open(serving) {
    await start(serving)
    const site = await servePages(serving.pages, async ({ number, mark }) => {
      await records().update(idOf(number), (draft) => Object.assign(draft, editOf(mark)))
    })
    return site.url
  },

  async admit(publicKey) {
    if (publicKey === undefined) return { url: hub.syncUrl, pass: [] }
    const subject = `device ${publicKey.slice(0, 8)}`
    const grant = { read: [CHANNEL], write: [CHANNEL], expiresAt: Date.now() + DAY_MS }
    const token = await hub.issue({ subject, publicKey: fromHex(publicKey), ...grant })
    return { url: hub.syncUrl, pass: [token] }
  },
}

serveContender(server)
