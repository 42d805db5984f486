/** A replica on a device and its link to the hub: what technicians' edges and the gateway have in common, as commands. */
import { type Replica, type Session, toHex } from '@skerry/core'
import { collections, SPACE } from '@skerry/field-service'
import { openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { segmentKind } from '@skerry/streams'
import { nodeCompressor } from '@skerry/streams/node'
import { connect, type Link } from '@skerry/ws'

export type DeviceReplica = Replica<typeof collections>

export function openDevice(path: string): Promise<DeviceReplica> {
  const kinds = { segment: segmentKind({ compressor: nodeCompressor }) }
  return openReplica({ store: sqliteStore({ path }), collections, space: SPACE, kinds })
}

export function deviceCommands(replica: DeviceReplica) {
  let link: Link<Session> | undefined
  const offline = async () => {
    await link?.close()
    link = undefined
  }
  return {
    /** Public key, hex: what a credential is issued for. */
    key: () => toHex(replica.publicKey),
    enrol: async ({ token }: { token: string }) => (await replica.setCredential(token)).subject,
    /** Resolves when this device and the hub are in step: everything told and everything acknowledged, both ways. */
    async online({ url }: { url: string }) {
      link ??= connect(replica, url)
      await link.opened()
      const session = link.session
      if (!session) throw new Error('the link was lost again as soon as it was open')
      await inStep(session)
      return { ...session.counters }
    },
    offline,
    close: async () => {
      await offline()
      await replica.close()
    },
  }
}

function inStep(session: Session): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (session.current) resolve()
      else if (session.state === 'closed')
        reject(new Error('the session ended before both sides were in step'))
      else return
      stop()
    }
    let stop: () => void = () => undefined
    stop = session.onChange(look)
    look()
  })
}
