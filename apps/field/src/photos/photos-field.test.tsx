// @vitest-environment happy-dom
/** What an order's page shows of photos: those of colleagues come by themselves, and what is said of them is said in the user's language. */
import { BlobError, type BlobState, formatRef, type PageBlobs, type TakeOptions } from '@skerry/blobs'
import type { LiveReplica } from '@skerry/live'
import { SkerryProvider } from '@skerry/react'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Order } from '../order/order.ts'
import { type Language, spokenIn } from '../words/languages.ts'
import { SpokenContext } from '../words/use-words.ts'
import { PhotosField } from './photos-field.tsx'
import { PhotosContext } from './use-photo.ts'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true

const sha256 = 'ab'.repeat(32)
const ref = formatRef({
  sha256,
  bytes: 9,
  type: 'image/jpeg',
  thumbnail: { sha256: 'cd'.repeat(32), bytes: 3 },
})
const NOT_SENT = { code: 'blob-not-sent', words: 'the device that took it has not sent it yet' }

/** As the worker's, over what the hub and this device have. */
class FakePhotos {
  isSmallAtHub = false
  stands: BlobState = { kind: 'missing', why: { code: 'not-fetched', words: 'not fetched yet' } }
  /** Of `state`, in the order in which they are asked; each is answered when the test says so. */
  asked: ((state: BlobState) => void)[] | undefined
  readonly listeners = new Set<(sha256: string) => void>()

  openThumbnail = async () => {
    if (this.isSmallAtHub) return new Blob(['jpg'])
    throw new BlobError('missing', NOT_SENT.words)
  }
  open = async () => {
    throw new BlobError('missing', NOT_SENT.words)
  }
  state = () =>
    this.asked ? new Promise<BlobState>((resolve) => this.asked?.push(resolve)) : Promise.resolve(this.stands)
  subscribe = (listener: (sha256: string) => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
  claimed: (string | undefined)[] = []
  take = async (file: Blob, { type }: TakeOptions): Promise<string> => {
    this.claimed.push(type)
    if (file.size === 0) throw new BlobError('empty', 'this file is empty')
    return ref
  }
}

async function shown(photos: FakePhotos, language: Language, refs: readonly string[] = [ref]) {
  const order = { id: '1', photos: refs.map((one) => ({ sha256, ref: one, takenAt: 0 })) }
  const element = document.createElement('div')
  const root = createRoot(element)
  onTestFinished(() => act(async () => root.unmount()))
  await act(async () =>
    root.render(
      <SkerryProvider replica={{} as LiveReplica}>
        <SpokenContext value={spokenIn(language, [])}>
          <PhotosContext value={photos as unknown as PageBlobs}>
            <PhotosField order={order as unknown as Order} />
          </PhotosContext>
        </SpokenContext>
      </SkerryProvider>,
    ),
  )
  return element
}

async function offer(page: Element, file: File): Promise<void> {
  const field = page.querySelector('input')!
  Object.defineProperty(field, 'files', { value: [file] })
  await act(async () => field.dispatchEvent(new Event('change', { bubbles: true })))
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('the photo of a colleague appears when the hub has it, without anybody doing anything', async () => {
  const photos = new FakePhotos()
  const page = await shown(photos, 'en')
  expect(page.querySelector('img')).toBeNull()
  expect(page.textContent).toContain('Not here. It comes by itself.')
  await act(() => vi.advanceTimersByTimeAsync(60_000))
  expect(page.querySelector('img')).toBeNull()
  photos.isSmallAtHub = true
  await act(() => vi.advanceTimersByTimeAsync(30_000))
  expect(page.querySelector('img')).not.toBeNull()
})

test('a small picture that is shown is not said to be missing, whatever was said of its photo before', async () => {
  const photos = new FakePhotos()
  photos.isSmallAtHub = true
  photos.stands = { kind: 'missing', why: NOT_SENT }
  const page = await shown(photos, 'en')
  expect(page.querySelector('.soft')?.textContent).toBe(
    'Small picture; the photo is fetched when you open it.',
  )
})

test('an answer that comes late does not take the place of a newer one', async () => {
  const photos = new FakePhotos()
  photos.isSmallAtHub = true
  photos.asked = []
  const page = await shown(photos, 'en')
  for (const listener of photos.listeners) listener(sha256)
  const [first, second] = photos.asked
  await act(async () => second!({ kind: 'at-hub', here: true }))
  await act(async () => first!({ kind: 'missing', why: NOT_SENT }))
  expect(page.querySelector('.soft')?.textContent).toBe('At the hub')
})

test.each<[BlobState, string]>([
  [
    { kind: 'here', waitsFor: { code: 'edits-first', words: 'edits are sent first' } },
    'Hier gespeichert. Zuerst werden Änderungen gesendet.',
  ],
  [{ kind: 'missing', why: NOT_SENT }, 'Nicht hier. Das Gerät, das es aufnahm, hat es noch nicht gesendet.'],
  [
    { kind: 'refused', why: { code: 'of-a-later-hub', words: 'something new' } },
    'Nicht gesendet. Die Zentrale hat keinen Grund genannt, den diese App kennt.',
  ],
])('in German %j is told in German', async (stands, wanted) => {
  const photos = new FakePhotos()
  photos.stands = stands
  const page = await shown(photos, 'de')
  expect(page.querySelector('.soft')?.textContent).toBe(wanted)
})

test('a file that is no photo is refused in German, and what the machine says is behind a word', async () => {
  const page = await shown(new FakePhotos(), 'de', [])
  await offer(page, new File([], 'mast.jpg', { type: 'image/jpeg' }))
  const alert = page.querySelector('[role=alert]')!
  expect(alert.querySelector('details')?.textContent).toContain('this file is empty')
  expect(alert.querySelector('p')?.textContent).toBe(
    'Das Foto wurde nicht übernommen: Die Datei ist leer. Nehmen Sie es noch einmal auf.',
  )
})

test('what the browser calls a file by its name is not passed on: a photo is what its bytes say', async () => {
  const photos = new FakePhotos()
  await offer(await shown(photos, 'en', []), new File([], 'mast.jpg', { type: 'image/jpeg' }))
  expect(photos.claimed).toEqual([undefined])
})
