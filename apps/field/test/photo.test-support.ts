/** Photos that a seed repeats. */
import { SeededRandom } from '@skerry/core/testing'
import type { Page } from 'playwright-core'

/** The head of a JPEG and the frame of its picture, of a kind that no browser reads: no small picture is made of it. */
const HEAD = [0xff, 0xd8, 0xff, 0xc9, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0]

/** A JPEG as far as its head tells: no two are alike, and none gets smaller on the way. */
export function photoOf(seed: number, bytes: number): Buffer {
  const photo = Buffer.from(new SeededRandom(seed).bytes(bytes))
  photo.set(HEAD)
  return photo
}

/** On the page of an order. */
export async function takePhoto(page: Page, buffer: Buffer): Promise<void> {
  await page.locator('input[type=file]').setInputFiles({ name: 'mast.jpg', mimeType: 'image/jpeg', buffer })
}
