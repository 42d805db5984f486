import { describe, expect, it } from 'vitest'
import type { Credential } from '../identity/credential.ts'
import type { LoggedEntry, PageLimit } from '../store/port.ts'
import { CitedCredentials } from './cited-credentials.ts'
import { lineOf } from './fake-replica.test-support.ts'
import * as limit from './limits.ts'
import { scene } from './pair.test-support.ts'
import { PeerHolds } from './peer-holds.ts'
import type { Peer, SessionReplica } from './port.ts'
import { LogReader } from './reader.ts'

const hashOf = (i: number) => i.toString(16).padStart(64, '0')

async function reading(change: Partial<SessionReplica>): Promise<LogReader> {
  const { hub, edge } = await scene()
  const { node, publicKey, log, runs } = edge
  const peer: Peer = { node, publicKey, log, runs, credential: edge.credential! }
  return new LogReader({
    replica: Object.assign(hub, change),
    peer,
    want: { kind: 'log', cursor: undefined },
    from: new Map([['*', 0]]),
    leftOut: () => undefined,
    held: new PeerHolds(hub.host, 0),
    credentials: new CitedCredentials(hub, [peer.credential.hash, hub.credential!.hash]),
  })
}

describe('reading the log for a peer', () => {
  it('PAGE_ENTRIES_MAX and FRAME_BYTES_MAX bound a page', async () => {
    const asked: PageLimit[] = []
    const reader = await reading({
      readLog: async (_, page) => {
        asked.push(page)
        return []
      },
    })
    await reader.read()
    expect(asked).toEqual([{ entries: limit.PAGE_ENTRIES_MAX, bytes: limit.FRAME_BYTES_MAX }])
  })

  it('CREDENTIALS_SENT_MAX: so many are remembered as sent, with one more they are sent again', async () => {
    // Every author once, and the first one again at the end.
    for (const [authors, sent] of [
      [limit.CREDENTIALS_SENT_MAX - 2, limit.CREDENTIALS_SENT_MAX - 2],
      [limit.CREDENTIALS_SENT_MAX - 1, limit.CREDENTIALS_SENT_MAX],
    ] as const) {
      const cited = [...Array.from({ length: authors }, (_, i) => hashOf(i)), hashOf(0)]
      const entries = cited.map(
        (hash, i): LoggedEntry => ({
          seq: i + 1,
          kind: 'changes',
          record: 'r/1',
          bytes: lineOf({ record: 'r/1', cited: hash, text: `${i}` }),
        }),
      )
      const reader = await reading({
        readLog: async () => entries,
        credentialByHash: async (hash) => ({ token: hash }) as Credential,
      })
      await reader.read()
      let credentials = 0
      while (reader.queued > 0) {
        credentials += reader.take().items.filter(({ kind }) => kind === 'credential').length
      }
      expect(credentials).toBe(sent)
    }
  })
})
