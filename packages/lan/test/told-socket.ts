/** A socket of multicast DNS that sends nothing and remembers what it was told to send. */
import { EventEmitter } from 'node:events'
import type { ResponseOutgoingPacket } from 'multicast-dns'
import type { MdnsSocket } from '../src/mdns.ts'

type Sent = (error: Error | null) => void

export class ToldSocket extends EventEmitter implements MdnsSocket {
  /** Of each announcement, in order; 0 is a goodbye. */
  readonly ttls: (number | undefined)[] = []
  questions = 0
  isDestroyed = false
  /** What sending comes to. */
  failing: Error | undefined

  query(_questions: unknown, sent: Sent): void {
    this.questions += 1
    sent(this.failing ?? null)
  }

  respond({ answers }: ResponseOutgoingPacket, sent: Sent): void {
    const [pointer] = answers
    this.ttls.push(pointer && 'ttl' in pointer ? pointer.ttl : undefined)
    sent(this.failing ?? null)
  }

  destroy(done: () => void): void {
    this.isDestroyed = true
    done()
  }
}
