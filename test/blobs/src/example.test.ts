/** The example of the package's README, as a reader would run it: in an empty folder. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from './world.ts'

test('the example prints what it says', () => {
  const example = join(import.meta.dirname, 'example.ts')
  const { stdout, stderr } = spawnSync(process.execPath, [example], {
    cwd: temporaryFolder(),
    encoding: 'utf8',
  })
  expect({ stdout, stderr }).toEqual({ stdout: 'here\n7\n', stderr: '' })
})
