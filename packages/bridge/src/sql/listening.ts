/** Listening that goes on: what breaks begins again, after longer and longer waits. It may miss what happens while it is away; `changes` finds it. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Call } from '../adapter-port.ts'
import { LISTEN_WAIT_MS_FIRST, LISTEN_WAIT_MS_MAX } from './limits.ts'

export interface Stream {
  /** Resolves when it does not hear any more. */
  ended: Promise<void>
}

/** @param begin resolves once it hears, until the signal @returns what ends it @throws what `begin` throws the first time */
export async function listening(
  begin: (signal: AbortSignal) => Promise<Stream>,
  call: Call,
): Promise<() => Promise<void>> {
  const ending = new AbortController()
  const signal = AbortSignal.any([call.signal, ending.signal])
  const running = goOn(await begin(signal), begin, signal)
  return async () => {
    ending.abort()
    await running
  }
}

async function goOn(
  first: Stream,
  begin: (signal: AbortSignal) => Promise<Stream>,
  signal: AbortSignal,
): Promise<void> {
  let waitMs = LISTEN_WAIT_MS_FIRST
  let stream: Stream | undefined = first
  for (;;) {
    await stream?.ended
    // Woken early by the signal only.
    await wait(waitMs, undefined, { signal, ref: false }).catch(() => undefined)
    if (signal.aborted) return
    // A failure is no news: the next try comes.
    stream = await begin(signal).catch(() => undefined)
    waitMs = stream ? LISTEN_WAIT_MS_FIRST : Math.min(LISTEN_WAIT_MS_MAX, waitMs * 2)
  }
}
