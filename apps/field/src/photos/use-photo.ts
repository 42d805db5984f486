/** Photos for components: a picture as an address for `img`, and how a photo stands. */
import type { BlobState, PageBlobs } from '@skerry/blobs'
import { createContext, useContext, useEffect, useState } from 'react'
import { ORDERS } from '../order/order.ts'

export const PhotosContext = createContext<PageBlobs | undefined>(undefined)

export function usePhotos(): PageBlobs {
  const photos = useContext(PhotosContext)
  if (!photos) throw new Error('usePhotos is called outside of PhotosContext: wrap the app in one')
  return photos
}

export interface Picture {
  /** `blob:…`, good as long as the component shows it. */
  url: string | undefined
  /** Why it cannot be shown. */
  failed: string | undefined
}

/** @param what the photo itself, or its small picture */
export function usePicture(what: 'open' | 'small', ref: string, order: string): Picture {
  const photos = usePhotos()
  const [picture, setPicture] = useState<Picture>({ url: undefined, failed: undefined })
  useEffect(() => {
    let url: string | undefined
    let isOver = false
    pictureOf(photos, { what, ref, record: `${ORDERS}/${order}` }).then(
      (picture) => {
        if (isOver) return
        url = URL.createObjectURL(picture)
        setPicture({ url, failed: undefined })
      },
      (error: Error) => {
        if (!isOver) setPicture({ url: undefined, failed: error.message })
      },
    )
    return () => {
      isOver = true
      if (url !== undefined) URL.revokeObjectURL(url)
    }
  }, [photos, what, ref, order])
  return picture
}

export function usePhotoState(ref: string): BlobState | undefined {
  const photos = usePhotos()
  const [state, setState] = useState<BlobState>()
  useEffect(() => {
    let isOver = false
    const look = () => {
      photos.state(ref).then(
        (now) => {
          if (!isOver) setState(now)
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
      isOver = true
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
