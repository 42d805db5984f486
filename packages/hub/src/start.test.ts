/** What a hub finds at its start, and what it then says. */
import { chmodSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runHub } from './hub.test-support.ts'

const warningsOf = (logged: readonly string[]) =>
  logged
    .map((line) => JSON.parse(line) as { level: string; msg: string; file?: string })
    .filter(({ level }) => level === 'warn')

test.skipIf(process.platform === 'win32')(
  'a store that others can read is opened, with a warning that has the command to run',
  async () => {
    const first = await runHub()
    await first.close()
    chmodSync(first.store, 0o644)
    const again = await runHub({ store: first.store })
    expect(warningsOf(again.logged)).toEqual([
      expect.objectContaining({
        file: first.store,
        msg: expect.stringContaining(`run: chmod 600 ${first.store}.`),
      }),
    ])
  },
)
