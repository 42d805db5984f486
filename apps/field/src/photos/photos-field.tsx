/** Photos of an order: shown as soon as they are taken, sent when there is a line. */
import { BlobError, parseRef } from '@skerry/blobs'
import { useRef, useState } from 'react'
import { editOrder } from '../order/edit.ts'
import { ORDERS, type Order } from '../order/order.ts'
import { Failed } from '../pieces/failed.tsx'
import { Sheet } from '../pieces/sheet.tsx'
import { Technical } from '../pieces/technical.tsx'
import { useReplica } from '../replica/replica-context.ts'
import { useAction } from '../replica/use-action.ts'
import { useWords } from '../words/use-words.ts'
import { photoWords, reasonIn } from './photo-words.ts'
import { usePhotoState, usePhotos, usePicture } from './use-photo.ts'

type Photo = NonNullable<Order['photos']>[number]

export function PhotosField({ order }: { order: Order }) {
  const words = useWords()
  const photos = order.photos ?? []
  const [shown, setShown] = useState<string>()
  const index = photos.findIndex(({ sha256 }) => sha256 === shown)
  const photo = photos[index]
  return (
    <>
      {photos.length === 0 && <p className="soft">{words.photos.none}</p>}
      <ul className="photos">
        {photos.map((one, number) => (
          <li key={one.sha256}>
            <Small photo={one} number={number + 1} order={order.id} open={() => setShown(one.sha256)} />
          </li>
        ))}
      </ul>
      <Take order={order} />
      {photo && <Large photo={photo} number={index + 1} order={order} closed={() => setShown(undefined)} />}
    </>
  )
}

/** The button stands for the browser's own field, which cannot be made large or be translated. */
function Take({ order }: { order: Order }) {
  const words = useWords()
  const replica = useReplica()
  const photos = usePhotos()
  const { run, isRunning, failed } = useAction()
  const field = useRef<HTMLInputElement>(null)
  const [refused, setRefused] = useState<BlobError>()
  const offer = async (file: File) => {
    setRefused(undefined)
    try {
      await take(file)
    } catch (error) {
      if (!(error instanceof BlobError)) throw error
      setRefused(error)
    }
  }
  const take = async (file: File) => {
    // Its bytes say what it is. The browser's word for it follows the file's name, and that may be wrong.
    const ref = await photos.take(file, { record: `${ORDERS}/${order.id}` })
    const sha256 = parseRef(ref)?.sha256
    if (sha256 === undefined) throw new Error(ref)
    await editOrder(replica, order, (draft) => {
      const before = (draft.photos ?? []).filter((photo) => photo.sha256 !== sha256)
      draft.photos = [...before, { sha256, ref, takenAt: Date.now() }]
    })
  }
  return (
    <>
      <input
        ref={field}
        hidden
        type="file"
        accept="image/*"
        capture="environment"
        aria-label={words.photos.take}
        onChange={(event) => {
          const [file] = event.target.files ?? []
          event.target.value = ''
          if (file) run(() => offer(file))
        }}
      />
      <button type="button" disabled={isRunning} onClick={() => field.current?.click()}>
        {isRunning ? words.photos.taking : words.photos.take}
      </button>
      {refused && (
        <div className="banner bad" role="alert">
          <p>{words.photos.notTaken[refused.code] ?? words.photos.notTakenOther}</p>
          <Technical said={refused.message} />
        </div>
      )}
      <Failed reason={failed} />
    </>
  )
}

interface PhotoProps {
  photo: Photo
  /** Its place, from 1. */
  number: number
}

function Small({ photo, number, order, open }: PhotoProps & { order: string; open(): void }) {
  const words = useWords()
  const { url } = usePicture('small', photo.ref, order)
  const state = usePhotoState(photo.ref)
  return (
    <>
      <button type="button" className="photo" onClick={open}>
        {url === undefined ? (
          words.photos.alt(number, photo.takenAt)
        ) : (
          <img src={url} alt={words.photos.alt(number, photo.takenAt)} />
        )}
      </button>
      <span className="soft">{state && photoWords(state, words, url !== undefined)}</span>
    </>
  )
}

interface LargeProps extends PhotoProps {
  order: Order
  closed(): void
}

function Large({ photo, number, order, closed }: LargeProps) {
  const words = useWords()
  const photos = usePhotos()
  const { url, failed } = usePicture('open', photo.ref, order.id)
  const state = usePhotoState(photo.ref)
  const replica = useReplica()
  const { run, isRunning, failed: notRemoved } = useAction()
  /** In this order: a photo that no record has any more is given up before it is sent. */
  const remove = async () => {
    await editOrder(replica, order, (draft) => {
      draft.photos = draft.photos?.filter(({ sha256 }) => sha256 !== photo.sha256)
    })
    await photos.drop(photo.ref, `${ORDERS}/${order.id}`)
  }
  return (
    <Sheet title={words.photos.alt(number, photo.takenAt)} closed={closed}>
      <div className="stack">
        {url !== undefined && (
          <img className="large" src={url} alt={words.photos.alt(number, photo.takenAt)} />
        )}
        <Failed reason={failed ?? notRemoved} />
        <p>{state && photoWords(state, words, url !== undefined)}</p>
        <Technical said={state && reasonIn(state)?.words} />
        <div className="buttons">
          {state?.kind === 'refused' && (
            <button type="button" onClick={() => void photos.retry(photo.sha256)}>
              {words.app.retry}
            </button>
          )}
          <button type="button" disabled={isRunning} onClick={() => run(remove)}>
            {words.photos.remove}
          </button>
        </div>
      </div>
    </Sheet>
  )
}
