/** Uploads that are counted, and go from the count with whatever became of their files (packages/blobs/src/SPEC.md, BL-53, BL-54). */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Upload } from '@tus/server'
import { expect, test } from 'vitest'
import { CountedUploads } from './counted-uploads.ts'
import { temporaryFolder } from './temporary-folder.test-support.ts'
import { ownerOf } from './upload-name.ts'

const KEPT_MS = 60_000
const nameOf = (seed: string) => `${seed.repeat(64)}-${'d'.repeat(32)}`
const upload = (seed: string, begunAt = new Date().toISOString()) =>
  new Upload({ id: nameOf(seed), size: 10, offset: 0, creation_date: begunAt })

function opened(directory = temporaryFolder()) {
  const ceilings = { perDevice: 2, bytesPerDevice: 1_000, all: 2, bytes: 1_000 }
  return new CountedUploads({ directory, expirationPeriodInMilliseconds: KEPT_MS }, ceilings, ownerOf)
}

const refused = { body: expect.stringContaining('too-many-uploads') }

test('BL-53 BL-54: what is over in its time is free, and so is an upload whose file somebody removed', async () => {
  const folder = temporaryFolder()
  const uploads = opened(folder)
  await uploads.create(upload('a', '2026-01-01T00:00:00.000Z'))
  await uploads.create(upload('b'))
  rmSync(join(folder, nameOf('b')))
  await expect(uploads.create(upload('c'))).rejects.toMatchObject(refused)
  expect(await uploads.deleteExpired()).toBe(1)
  await uploads.create(upload('c'))
  await uploads.create(upload('d'))
  await expect(uploads.create(upload('e'))).rejects.toMatchObject(refused)
})

test('BL-54: an upload that has no file yet keeps its place', async () => {
  const uploads = opened()
  const looked = Promise.withResolvers<string[]>()
  uploads.configstore.list = () => looked.promise
  const beginning = [uploads.create(upload('a')), uploads.create(upload('b'))]
  const over = uploads.deleteExpired()
  looked.resolve([])
  await over
  await Promise.all(beginning)
  await expect(uploads.create(upload('c'))).rejects.toMatchObject(refused)
})
