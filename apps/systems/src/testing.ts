/** Tests that want a real system: they run where it is installed, are passed over with one line where it is not, and fail in a pipeline, where nothing may be passed over. */
import { test } from 'vitest'
import { lackOf, type Service } from './services.ts'

export function whereThereIs(service: Service, tests: () => void): void {
  const lack = lackOf(service)
  if (lack === undefined) {
    tests()
    return
  }
  console.log(`${lack} (its tests are skipped)`)
  test.skipIf(process.env.CI !== 'true')(lack, () => {
    throw new Error(`under CI=true every system must be here: ${lack}`)
  })
}
