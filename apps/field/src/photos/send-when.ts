/**
 * When photos may be sent. The page knows what its user chose, the worker sends: it asks on a channel, every window answers with what is chosen now, and until one did nothing goes out, since
 * a photo that waits a moment costs less than one that is sent over a dear line.
 */
import { readSettings } from '../settings/settings.ts'
import { SEND_WHEN_CHANNEL } from '../start/replica-name.ts'

/** What browsers tell of the network (Network Information API); some tell nothing. */
export interface Network {
  /** `wifi`, `ethernet`, `cellular`, `none`, …; absent on most desktops. */
  readonly type?: string
  addEventListener?(type: 'change', listener: () => void): void
  removeEventListener?(type: 'change', listener: () => void): void
}

declare global {
  interface NavigatorConnection {
    readonly connection?: Network
  }
  interface Navigator extends NavigatorConnection {}
  interface WorkerNavigator extends NavigatorConnection {}
}

interface Told {
  /** Absent: asks for it. */
  wifiOnly?: boolean
}

/** Lines by the megabyte. */
const dear: readonly string[] = ['cellular', 'bluetooth', 'wimax']

export function isNetworkTold(network: Network | undefined): boolean {
  return network?.type !== undefined
}

/** In a page. The result ends it. */
export function tellWhenToSend(wifiOnly: boolean): () => void {
  const channel = new BroadcastChannel(SEND_WHEN_CHANNEL)
  const tell = (told: boolean) => channel.postMessage({ wifiOnly: told } satisfies Told)
  // Another window may have chosen since.
  channel.addEventListener('message', ({ data }: { data: Told }) => {
    if (data.wifiOnly === undefined) tell(readSettings([]).wifiOnly)
  })
  tell(wifiOnly)
  return () => channel.close()
}

export interface SendWhen {
  maySend(): boolean
  close(): void
}

/** In the worker. @param changed the answer may be another one now */
export function sendWhen(network: Network | undefined, changed: () => void): SendWhen {
  const channel = new BroadcastChannel(SEND_WHEN_CHANNEL)
  let wifiOnly: boolean | undefined
  channel.addEventListener('message', ({ data }: { data: Told }) => {
    if (data.wifiOnly === undefined) return
    wifiOnly = data.wifiOnly
    changed()
  })
  network?.addEventListener?.('change', changed)
  channel.postMessage({} satisfies Told)
  return {
    maySend: () => wifiOnly === false || (wifiOnly === true && !dear.includes(network?.type ?? '')),
    close() {
      network?.removeEventListener?.('change', changed)
      channel.close()
    },
  }
}
