import { expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import { SortedMap } from './sorted.ts'

test('a sorted map walks what a map has, in order, however many keys came and went since the last walk', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new SeededRandom(seed)
    const sorted = new SortedMap<number>()
    const plain = new Map<string, number>()
    for (let walk = 0; walk < 40; walk++) {
      for (let writes = random.below(random.chance(0.3) ? 200 : 8); writes > 0; writes--) {
        const key = `k${random.below(300)}`
        if (random.chance(0.4)) {
          sorted.delete(key)
          plain.delete(key)
        } else {
          sorted.set(key, writes)
          plain.set(key, writes)
        }
      }
      const after = random.chance(0.5) ? `k${random.below(300)}` : undefined
      const wanted = [...plain]
        .filter(([key]) => after === undefined || key > after)
        .sort(([a], [b]) => (a < b ? -1 : 1))
      expect([...sorted.above(after)], `seed ${seed}, walk ${walk}`).toEqual(wanted)
    }
  }
})
