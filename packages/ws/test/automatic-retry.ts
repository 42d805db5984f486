/** Moves a manual clock to the next attempt whenever a link waits, so that a test spends no time on back-off. */
import type { Link } from '../src/link.ts'
import type { ManualHost } from './hosts.ts'

export function retryAtOnce(link: Link, host: ManualHost): void {
  link.subscribe(({ phase, retryAt }) => {
    if (phase === 'waiting' && retryAt !== undefined) setImmediate(() => host.advance(retryAt - host.now()))
  })
}
