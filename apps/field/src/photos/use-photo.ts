/** Photos for components: a picture as an address for `img`, and how a photo stands. */
import { BlobError, type BlobState, type PageBlobs } from '@skerry/blobs'
import { createContext, useContext, useEffect, useState } from 'react'
import { ORDERS } from '../order/order.ts'

/** Milliseconds until a picture that nobody had is asked for again: first, and at most. Who took it may be sending it now; nobody tells when the hub has it. */
const AGAIN_MS_MIN = 1_000
const AGAIN_MS_MAX = 30_000

export const PhotosContext = createContext<PageBlobs | undefined>(undefined)

export function usePhotos(): PageBlobs {
  const photos = useContext(PhotosContext)
  if (!photos) throw new Error('usePhotos is called outside of PhotosContext: wrap the app in one')
  return photos
}

export interface Picture {
  /** `blob:…`, good as long as the component shows it. */
  url: string | undefined
  /** Why it cannot be shown. That nobody has it yet is how the photo stands, and no failure. */
  failed: string | undefined
}

/** @param what the photo itself, or its small picture */
export function usePicture(what: 'open' | 'small', ref: string, order: string): Picture {
  const photos = usePhotos()
  const [picture, setPicture] = useState<Picture>({ url: undefined, failed: undefined })
  useEffect(() => {
    let url: string | undefined
    let isOver = false
    let againMs = AGAIN_MS_MIN
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = () => {
      pictureOf(photos, { what, ref, record: `${ORDERS}/${order}` }).then(
        (picture) => {
          if (isOver) return
          url = URL.createObjectURL(picture)
          setPicture({ url, failed: undefined })
        },
        (error: Error) => {
          if (isOver) return
          if (!(error instanceof BlobError && error.code === 'missing'))
            return setPicture({ url: undefined, failed: error.message })
          timer = setTimeout(ask, againMs)
          againMs = Math.min(AGAIN_MS_MAX, 2 * againMs)
        },
      )
    }
    ask()
    return () => {
      isOver = true
      clearTimeout(timer)
      if (url !== undefined) URL.revokeObjectURL(url)
    }
  }, [photos, what, ref, order])
  return picture
}

export function usePhotoState(ref: string): BlobState | undefined {
  const photos = usePhotos()
  const [state, setState] = useState<BlobState>()
  useEffect(() => {
    let [asked, shown] = [0, 0]
    const look = () => {
      asked += 1
      const own = asked
      photos.state(ref).then(
        (now) => {
          // An answer to an earlier look may come after this one's.
          if (own < shown) return
          shown = own
          setState(now)
        },
        // Nobody answers: the picture's own failure says so.
        () => undefined,
      )
    }
    look()
    const stop = photos.subscribe((sha256) => {
      if (ref.includes(sha256)) look()
    })
    return () => {
      shown = Number.POSITIVE_INFINITY
      stop()
    }
  }, [photos, ref])
  return state
}

interface Asked {
  what: 'open' | 'small'
  ref: string
  record: string
}

/** A photo too small to have a small picture is its own. */
async function pictureOf(photos: PageBlobs, { what, ref, record }: Asked): Promise<Blob> {
  const small = what === 'small' ? await photos.openThumbnail(ref, record) : undefined
  return small ?? photos.open(ref, record)
}
