/** Puts a blob whose stream never ends, says when half of it is on disk, and waits to be killed. */
import { folderBlobs } from '@skerry/blobs/node'

const store = await folderBlobs(process.argv[2]!)

async function* endless(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(100_000)
  console.log('half')
  await new Promise(() => setInterval(() => undefined, 1_000))
}

await store.put('ab'.repeat(32), endless())
