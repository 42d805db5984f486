/** Where a hub keeps blobs: those that are whole, and those that are being uploaded. A hub that never sees any makes no folder. */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { BLOB_BYTES_MAX, type BlobStore } from '@skerry/blobs'
import { folderBlobs, folderGeneration } from '@skerry/blobs/node'
import { CountedUploads, type UploadCeilings } from './counted-uploads.ts'
import type { HubCore } from './hub-core.ts'
import {
  UPLOAD_BYTES_MAX,
  UPLOAD_BYTES_PER_DEVICE_MAX,
  UPLOAD_KEPT_MS,
  UPLOADS_LOOK_MS,
  UPLOADS_MAX,
  UPLOADS_PER_DEVICE_MAX,
} from './limits.ts'
import type { HubSettings } from './settings.ts'
import { ownerOf } from './upload-name.ts'

export interface OpenBlobs {
  store: BlobStore
  /** Another one when the folder went back to an earlier state (packages/blobs/src/SPEC.md, BL-80). */
  generation: string
  uploads: CountedUploads
}

export interface HubBlobs {
  /** Makes the folder at the first call. */
  open(): Promise<OpenBlobs>
  bytesMax: number
  close(): Promise<void>
}

export function hubBlobs(
  { store, blobs = {} }: Pick<HubSettings, 'blobs'> & { store: string },
  { host, log }: Pick<HubCore, 'host' | 'log'>,
): HubBlobs {
  const bytesMax = blobs.bytesMax ?? BLOB_BYTES_MAX
  const folder = resolve(blobs.folder ?? `${store}.blobs`)
  let opened: Promise<OpenBlobs> | undefined
  let stop: () => void = () => undefined
  const open = async (): Promise<OpenBlobs> => {
    const whole = await folderBlobs(folder)
    const generation = await folderGeneration(folder)
    const directory = join(folder, 'uploads')
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const uploads = new CountedUploads(
      { directory, expirationPeriodInMilliseconds: UPLOAD_KEPT_MS },
      ceilingsOf(blobs.unfinished, bytesMax),
      ownerOf,
    )
    await uploads.load()
    const tidy = async () => {
      try {
        const gone = await uploads.deleteExpired()
        if (gone > 0) log.info({ gone }, 'uploads that were never finished are gone')
      } catch (error) {
        log.warn({ err: error }, 'looking for unfinished uploads failed; trying again')
      }
      stop = host.timer(UPLOADS_LOOK_MS, () => void tidy())
    }
    await tidy()
    return { store: whole, generation, uploads }
  }
  return {
    open() {
      // A folder that could not be made is tried again by the next who asks.
      opened ??= open().catch((error: unknown) => {
        opened = undefined
        throw error
      })
      return opened
    },
    bytesMax,
    async close() {
      stop()
      await opened?.then(({ store: whole }) => whole.close())
    },
  }
}

/** One blob can always be sent. */
function ceilingsOf(given: Partial<UploadCeilings> = {}, bytesMax: number): UploadCeilings {
  const { bytesPerDevice = UPLOAD_BYTES_PER_DEVICE_MAX, bytes = UPLOAD_BYTES_MAX } = given
  return {
    perDevice: given.perDevice ?? UPLOADS_PER_DEVICE_MAX,
    bytesPerDevice: Math.max(bytesPerDevice, bytesMax),
    all: given.all ?? UPLOADS_MAX,
    bytes: Math.max(bytes, bytesMax),
  }
}
