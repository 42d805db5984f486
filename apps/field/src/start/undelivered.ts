/** What no hub has of what was made here: counted before its replica is left. */
import type { PageBlobs } from '@skerry/blobs'
import type { LiveError, LiveReplica, Stop } from '@skerry/live'
import type { Undelivered } from './replicas.ts'

/** Orders with edits on their way that are looked at: more than a technician edits in weeks. */
const COUNTED_MAX = 10_000

/** Edits that the hub refused and nobody decided about count: they are nowhere else either. */
export async function undeliveredOf(
  replica: Pick<LiveReplica, 'watchOutbox' | 'watchAside'>,
  photos: Pick<PageBlobs, 'waiting'>,
): Promise<Undelivered> {
  const [outbox, aside, waiting] = await Promise.all([
    firstTold<readonly { edits: number }[]>((told, failed) => replica.watchOutbox(COUNTED_MAX, told, failed)),
    firstTold<readonly unknown[]>((told, failed) => replica.watchAside(told, failed)),
    photos.waiting(),
  ])
  const edits = outbox.reduce((sum, one) => sum + one.edits, aside.length)
  return { edits, photos: waiting.length > 0 }
}

async function firstTold<Value>(
  watch: (told: (value: Value) => void, failed: (error: LiveError) => void) => Stop,
): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>()
  const stop = watch(resolve, reject)
  try {
    return await promise
  } finally {
    stop()
  }
}
