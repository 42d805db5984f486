/** Photos that a seed repeats. */
import { SeededRandom } from '@skerry/core/testing'

/** A JPEG as far as its head tells: no two are alike, and none gets smaller on the way. */
export function photoOf(seed: number, bytes: number): Buffer {
  const photo = Buffer.from(new SeededRandom(seed).bytes(bytes))
  photo.set([0xff, 0xd8, 0xff, 0xe0])
  return photo
}
