/**
 * When photos may be sent. Pages know what their user chose and which network this is, the worker sends: it asks on a channel, every window answers, and until one did nothing goes out, since
 * a photo that waits a moment costs less than one that is sent over a dear line.
 */
import { readSettings } from '../settings/settings.ts'
import { sendWhenChannelOf } from '../start/replica-name.ts'

/** What browsers tell of the network (Network Information API); some tell nothing. */
export interface Network {
  /** `wifi`, `ethernet`, `cellular`, `none`, …; absent on most desktops. */
  readonly type?: string
  addEventListener?(type: 'change', listener: () => void): void
  removeEventListener?(type: 'change', listener: () => void): void
}

declare global {
  interface Navigator {
    readonly connection?: Network
  }
}

interface Told {
  /** Absent: asks for it. */
  maySend?: boolean
}

/** Lines that are paid by the megabyte. */
const dear: readonly string[] = ['cellular', 'bluetooth', 'wimax']

export function isNetworkTold(network: Network | undefined): boolean {
  return network?.type !== undefined
}

/** In a page of this replica. The result ends it. */
export function tellWhenToSend(replica: string, network: Network | undefined): () => void {
  const channel = new BroadcastChannel(sendWhenChannelOf(replica))
  const tell = () => {
    // As it is chosen now: another window may have done so.
    const { wifiOnly } = readSettings([])
    channel.postMessage({ maySend: !wifiOnly || !dear.includes(network?.type ?? '') } satisfies Told)
  }
  channel.addEventListener('message', ({ data }: { data: Told }) => {
    if (data.maySend === undefined) tell()
  })
  network?.addEventListener?.('change', tell)
  tell()
  return () => {
    network?.removeEventListener?.('change', tell)
    channel.close()
  }
}

export interface SendWhen {
  maySend(): boolean
  close(): void
}

/** In the worker of this replica. @param changed the answer may be another one now */
export function sendWhen(replica: string, changed: () => void): SendWhen {
  const channel = new BroadcastChannel(sendWhenChannelOf(replica))
  let maySend = false
  channel.addEventListener('message', ({ data }: { data: Told }) => {
    if (data.maySend === undefined) return
    maySend = data.maySend
    changed()
  })
  channel.postMessage({} satisfies Told)
  return { maySend: () => maySend, close: () => channel.close() }
}
