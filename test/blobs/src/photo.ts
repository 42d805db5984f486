/** A photo that a seed repeats: a JPEG as far as its head tells. */
import { SeededRandom } from '@skerry/core/testing'

export function photoOf(seed: number, bytes: number): Uint8Array<ArrayBuffer> {
  const photo = new Uint8Array(new SeededRandom(seed).bytes(bytes))
  photo.set([0xff, 0xd8, 0xff, 0xe0])
  return photo
}
