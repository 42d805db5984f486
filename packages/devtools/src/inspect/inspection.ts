/** What an app's worker has of the inspection from the start. All else is loaded when a page first asks, so that who never looks pays for a few lines. */
import type { ReplicaBase, Session } from '@skerry/core'
import type { Inspect } from '@skerry/live'
import type { InspectPort } from '@skerry/tabs/inspect'
import type { Dial, Link } from '@skerry/ws/browser'
import { HeldLines } from './held-lines.ts'

export interface Inspection {
  /** Makes a line that can be looked at and simulated: `(through) => connect(replica, url, { through })`. */
  line<L extends Link<Session>>(make: (through: (dial: Dial) => Dial) => L): L
  /** For a panel in this thread. */
  inspect(): Promise<Inspect>
  /** For panels in pages: what `open` of `serveTabs` gives as `inspect`. */
  port(): Promise<InspectPort>
}

export function inspection(replica: ReplicaBase): Inspection {
  const { host } = replica.session
  const lines = new HeldLines(() => host.now())
  let loaded: Promise<{ inspect: Inspect; port: InspectPort }> | undefined
  const load = () => {
    loaded ??= import('./inspect-over.ts').then(({ inspectOver }) => inspectOver(replica, lines))
    // Its file may have had no network: the next who asks tries again.
    loaded.catch(() => {
      loaded = undefined
    })
    return loaded
  }
  return {
    line: (make) => lines.hold(make),
    inspect: async () => (await load()).inspect,
    port: async () => (await load()).port,
  }
}
