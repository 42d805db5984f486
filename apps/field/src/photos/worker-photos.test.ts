/** What a full store and a wipe make of the photos, whether they are open by then or not. */
import { expect, test } from 'vitest'
import { WorkerPhotos } from './worker-photos.ts'

function photos(over: { forget?: () => Promise<void> } = {}) {
  const asked: string[] = []
  const failures: unknown[] = []
  const worker = new WorkerPhotos((_, error) => failures.push(error))
  const blobs = {
    makeRoom: async () => void asked.push('make room'),
    forget: async () => {
      asked.push('forget')
      await over.forget?.()
    },
  }
  return { asked, failures, worker, blobs }
}

test('a store that is full has what the hub has of the photos given up; before they are open there is nothing to give up', async () => {
  const { asked, worker, blobs } = photos()
  await worker.makeRoom()
  expect(asked).toEqual([])
  await worker.opened(blobs)
  await worker.makeRoom()
  expect(asked).toEqual(['make room'])
})

test('a wipe takes the photos away, and no other event does', async () => {
  const { asked, worker, blobs } = photos()
  await worker.opened(blobs)
  worker.heard({ code: 'revoked' })
  expect(asked).toEqual([])
  worker.heard({ code: 'wiped' })
  expect(asked).toEqual(['forget'])
})

test('a wipe that is over before the photos are open takes them away when they are', async () => {
  const { asked, worker, blobs } = photos()
  worker.heard({ code: 'wiped' })
  await worker.opened(blobs)
  expect(asked).toEqual(['forget'])
})

test('photos that cannot be removed are told, and the worker goes on', async () => {
  const gone = new Error('the disk is gone')
  const { failures, worker, blobs } = photos({ forget: () => Promise.reject(gone) })
  worker.heard({ code: 'wiped' })
  await worker.opened(blobs)
  expect(failures).toEqual([gone])
})
