/**
 * What pages and workers of one browser share: locks, which the browser frees when their holder ends in whatever way, and channels by name. As a port, since the only other place that has
 * both, Node, frees nothing when a thread ends.
 */

export interface World {
  locks: Locks
  /** A channel that everybody of that name hears, but for the one that speaks. */
  channel(name: string): Channel
}

export interface Locks {
  /** Resolves with what frees it, once it is held here. `signal` ends the waiting: then it rejects. */
  hold(name: string, signal?: AbortSignal): Promise<() => void>
}

export interface Channel {
  post(message: unknown): void
  /** Replaces the listener. */
  hear(listener: (data: unknown) => void): void
  close(): void
}

/** Resolves when nobody holds the lock, or rejects when `signal` ends the waiting. */
export async function whenFree(locks: Locks, name: string, signal: AbortSignal): Promise<void> {
  const free = await locks.hold(name, signal)
  free()
}

export function browserWorld(): World {
  return {
    locks: { hold },
    channel: (name) => channelOver(new BroadcastChannel(name)),
  }
}

function hold(name: string, signal?: AbortSignal): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const held = () => new Promise<void>((free) => resolve(free))
    navigator.locks.request(name, signal ? { signal } : {}, held).catch(reject)
  })
}

/** What is used of a BroadcastChannel or a MessagePort. */
export interface PortLike {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void
  /** Of ports. */
  start?(): void
  close(): void
}

export function channelOver(port: PortLike): Channel {
  let heard: ((data: unknown) => void) | undefined
  port.addEventListener('message', ({ data }) => heard?.(data))
  return {
    post: (message) => port.postMessage(message),
    hear(listener) {
      heard = listener
      port.start?.()
    },
    close() {
      heard = undefined
      port.close()
    },
  }
}
