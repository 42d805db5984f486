/** Where Chromium is. Tests that want it run where it is installed, are passed over with one line where it is not, and fail in a pipeline, where nothing may be passed over. */
import { existsSync } from 'node:fs'
import { test } from 'vitest'

const DEBIAN_CHROMIUM = '/usr/bin/chromium'

/** The program: $CHROMIUM, or Debian's. */
export function chromiumPath(): string {
  return process.env.CHROMIUM ?? DEBIAN_CHROMIUM
}

/** Registers the tests where there is a Chromium; await it, since `tests` may start one to find out what there is to test. */
export async function whereThereIsChromium(tests: () => void | Promise<void>): Promise<void> {
  if (existsSync(chromiumPath())) {
    await tests()
    return
  }
  const lack = `no Chromium at ${chromiumPath()}: apt-get install chromium, or set CHROMIUM to its path`
  console.log(`${lack} (its tests are skipped)`)
  test.skipIf(process.env.CI !== 'true')(lack, () => {
    throw new Error(`under CI=true Chromium must be here: ${lack}`)
  })
}
