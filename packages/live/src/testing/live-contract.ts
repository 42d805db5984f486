/** The contract of the live replica port as a suite: its guarantees by name, and every method. */
import { describe, onTestFinished, test } from 'vitest'
import { edgeCases } from './edge-cases.ts'
import { editCases } from './edit-cases.ts'
import { lineCases } from './line-cases.ts'
import { moveCases } from './move-cases.ts'
import type { LiveSubject, OpenLiveSubject } from './subject.ts'
import { watchCases } from './watch-cases.ts'

/** Registers the suite with vitest under `name`. `open` is called for every test. The engine must be started before. */
export function liveContract(name: string, open: OpenLiveSubject, { moves }: { moves: boolean }): void {
  describe(`live contract: ${name}`, () => {
    const cases = [...watchCases, ...editCases, ...lineCases, ...edgeCases, ...(moves ? moveCases : [])]
    for (const { title, enrolled, run } of cases)
      test(title, async () => {
        const subject: LiveSubject = await open({ enrolled: enrolled ?? true })
        onTestFinished(() => subject.close())
        await run(subject)
      })
  })
}
