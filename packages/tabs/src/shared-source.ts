/** SharedWorker mode: the browser itself sees to it that all pages have the same worker, and makes another when that one is dead. */
import type { PipeSource, SourceEvents } from './pipe-source.ts'
import { channelOver, type PortLike } from './world.ts'

/** What is used of a SharedWorker. */
export interface SharedWorkerLike {
  readonly port: PortLike
  onerror: ((event: ErrorEvent) => unknown) | null
}

export function sharedSource(make: () => SharedWorkerLike, events: SourceEvents): PipeSource {
  return {
    open(hello, heard) {
      const worker = make()
      worker.onerror = ({ message }) => events.failed(message || 'its script could not be loaded')
      const pipe = channelOver(worker.port)
      pipe.hear(heard)
      pipe.post(hello)
      return pipe
    },
    close: () => undefined,
  }
}
