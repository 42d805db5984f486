/**
 * The contract of the adapter port as a suite: every rule of SPEC.md is a test of its id. What an adapter is without is asked of one system first, so that a rule that does not
 * apply stands in the list with its reason; it is no skipped test, because nobody looks at those.
 */
import { describe, expect, onTestFinished, test } from 'vitest'
import { type ContractCase, reasonAgainst } from './case.ts'
import { contractCases } from './cases.ts'
import type { OpenContractSystem } from './subject.ts'
import { Trial } from './trial.ts'

/**
 * Registers the suite with vitest under `name`. `open` is called for every test and gives it a new, empty system.
 * @param rules ids to be run: for another configuration of an adapter that runs all of them in one, the rules that the difference is about
 */
export function adapterContract(
  name: string,
  open: OpenContractSystem,
  { rules }: { rules?: RegExp } = {},
): void {
  describe(`adapter contract: ${name}`, async () => {
    const asked = await open()
    const wanted = contractCases.filter(({ id }) => rules?.test(id) ?? true)
    const listed: (ContractCase & { against: string | undefined })[] = []
    for (const one of wanted) listed.push({ ...one, against: await reasonAgainst(one, asked) })
    await asked.close()
    for (const { id, title, against, run } of listed) {
      if (against !== undefined)
        test(`${id} ${title} does not apply: ${against}`, () => {
          expect(against.trim(), 'the reason why the rule does not apply').not.toBe('')
        })
      else
        test(`${id} ${title}`, async () => {
          const system = await open()
          onTestFinished(() => system.close())
          await run(new Trial(system))
        })
    }
  })
}
