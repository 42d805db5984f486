/** Pages and the worker that has the blobs, over channels (packages/blobs/src/SPEC.md, BL-70 to BL-73). */
import { answerPages, type Channel, pageBlobs } from '@skerry/blobs'
import { expect, onTestFinished, test } from 'vitest'
import { photoOf } from './photo.ts'
import { openDevice, openWorld } from './world.ts'

const PHOTO = photoOf(1, 50_000)

type Listener = Parameters<EventTarget['addEventListener']>[1]

/** As a BroadcastChannel; Node's own hands a Blob to one listener only. */
function openChannels(): () => Channel {
  const ends = new Set<EventTarget>()
  return () => {
    const own = new EventTarget()
    ends.add(own)
    return {
      postMessage(message) {
        for (const end of ends) {
          const data = structuredClone(message)
          if (end !== own) queueMicrotask(() => end.dispatchEvent(new MessageEvent('message', { data })))
        }
      },
      addEventListener: (type, listener) => own.addEventListener(type, listener as unknown as Listener),
      removeEventListener: (type, listener) => own.removeEventListener(type, listener as unknown as Listener),
    }
  }
}

const bytesOf = async (blob: Blob | undefined) => new Uint8Array(await blob!.arrayBuffer())

test('BL-70 BL-72 BL-73: two pages take and show photos by one worker, and hear what became of them', async () => {
  const world = await openWorld()
  const ana = await openDevice(world)
  const open = openChannels()
  onTestFinished(answerPages(open(), ana.blobs))
  const pages = [pageBlobs(open()), pageBlobs(open())]
  for (const page of pages) onTestFinished(() => page.close())
  const heard: string[][] = [[], []]
  for (const [n, page] of pages.entries()) page.subscribe((sha256) => heard[n]!.push(sha256))
  const [first, second] = await Promise.all(
    pages.map((page, n) => page.take(new Blob([photoOf(n, 10_000)]), { record: `orders/o${n}` })),
  )
  expect(await bytesOf(await pages[1]!.open(first!, 'orders/o0'))).toEqual(photoOf(0, 10_000))
  expect(await bytesOf(await pages[0]!.open(second!, 'orders/o1'))).toEqual(photoOf(1, 10_000))
  expect(await pages[0]!.openThumbnail(first!, 'orders/o0')).toBeUndefined()
  expect((await pages[0]!.waiting()).length).toBe(2)
  await ana.replica.orders.create({ site: 'SEA', signature: first!, photos: [] }, { id: 'o0' })
  await pages[0]!.wake()
  await expect
    .poll(() => pages[1]!.state(first!), { timeout: 40_000 })
    .toEqual({ kind: 'at-hub', here: true })
  await expect.poll(() => heard.every((hashes) => hashes.length > 0)).toBe(true)
})

test('BL-71: what the worker refuses is refused in the page, with code and words', async () => {
  const world = await openWorld()
  const ana = await openDevice(world)
  const open = openChannels()
  onTestFinished(answerPages(open(), ana.blobs))
  const page = pageBlobs(open())
  await expect(page.take(new Blob([]), { record: 'orders/o1' })).rejects.toMatchObject({
    name: 'BlobError',
    code: 'empty',
    message: expect.stringContaining('this file is empty'),
  })
  await expect(page.state('nothing')).rejects.toMatchObject({ name: 'TypeError' })
  const kept = page.waiting()
  page.close()
  await expect(kept).rejects.toMatchObject({ code: 'closed' })
})

test('BL-70: a call that nobody answers is said again, and answered by the next worker; one under way is begun once', async () => {
  const world = await openWorld()
  const ana = await openDevice(world)
  const open = openChannels()
  const page = pageBlobs(open())
  onTestFinished(() => page.close())
  const saidAgain = Promise.withResolvers<void>()
  const taking = page.take(new Blob([PHOTO]), { record: 'orders/o1' })
  let begun = 0
  const slow = new Proxy(ana.blobs, {
    get(blobs, name) {
      if (name !== 'take') return Reflect.get(blobs, name).bind(blobs)
      return async (file: Blob, options: { record: string }) => {
        begun += 1
        await saidAgain.promise
        return blobs.take(file, options)
      }
    },
  })
  onTestFinished(answerPages(open(), slow))
  let callsWhileTaken = 0
  open().addEventListener('message', ({ data }) => {
    if ((data as { kind: string }).kind === 'call' && begun === 1) callsWhileTaken += 1
    if (callsWhileTaken === 2) saidAgain.resolve()
  })
  expect(await taking).toContain('blob:sha256:')
  expect(begun).toBe(1)
})

test('BL-70: a call that is said again after it was answered is answered the same, and a photo dropped since stays so', async () => {
  const world = await openWorld()
  const ana = await openDevice(world)
  const open = openChannels()
  onTestFinished(answerPages(open(), ana.blobs))
  const raw = open()
  const answers: unknown[] = []
  raw.addEventListener('message', ({ data }) => answers.push(data))
  const answered = (count: number) => expect.poll(() => answers.filter(isAnswer).length).toBe(count)
  const isAnswer = (data: unknown) => (data as { kind: string }).kind === 'answer'
  const say = () =>
    raw.postMessage({
      kind: 'call',
      id: 'one',
      method: 'take',
      args: [new Blob([PHOTO]), { record: 'orders/o1' }],
    })
  say()
  await answered(1)
  const { value: ref } = answers.find(isAnswer) as { value: string }
  const page = pageBlobs(open())
  onTestFinished(() => page.close())
  expect(await page.drop(ref, 'orders/o1')).toBe(true)
  const before = answers.filter(isAnswer).length
  say()
  await answered(before + 1)
  expect(answers.filter(isAnswer).at(-1)).toEqual({ kind: 'answer', id: 'one', value: ref })
  expect((await page.state(ref)).kind).toBe('missing')
})
