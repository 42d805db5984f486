/** The worker's side of photos. */
import type { Blobs } from '@skerry/blobs'
import { PHOTO_CHANNEL, type PhotoAnswers, type PhotoAsk, type PhotoMessage } from './messages.ts'

/** Goes on until the result is called. */
export function servePhotos(blobs: Blobs): () => void {
  const channel = new BroadcastChannel(PHOTO_CHANNEL)
  const say = (message: PhotoMessage) => channel.postMessage(message)
  channel.onmessage = async ({ data }: MessageEvent<PhotoMessage>) => {
    if (data.kind !== 'ask') return
    const { id, ask } = data
    say({ kind: 'heard', id })
    try {
      say({ kind: 'answer', id, value: await answer(blobs, ask) })
    } catch (error) {
      say({ kind: 'refused', id, words: error instanceof Error ? error.message : String(error) })
    }
  }
  const stop = blobs.subscribe((sha256) => say({ kind: 'changed', sha256 }))
  return () => {
    stop()
    channel.close()
  }
}

async function answer(blobs: Blobs, ask: PhotoAsk): Promise<PhotoAnswers[PhotoAsk['what']]> {
  switch (ask.what) {
    case 'take':
      return blobs.take(ask.file, { type: ask.file.type, record: ask.record })
    case 'open':
      return blobs.open(ask.ref, ask.record)
    case 'small':
      return (await blobs.openThumbnail(ask.ref, ask.record)) ?? blobs.open(ask.ref, ask.record)
    case 'state':
      return blobs.state(ask.ref)
    case 'retry':
      return blobs.retry(ask.sha256)
  }
}
