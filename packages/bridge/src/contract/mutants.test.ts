/** The suite is worth something: for each of its rules there is an adapter that breaks just that, and is found. */
import { expect, test } from 'vitest'
import { broken } from '../../test/memory-subject.ts'
import { mutants } from '../../test/mutants.ts'
import { reasonAgainst } from './case.ts'
import { contractCases } from './cases.ts'
import { Trial } from './trial.ts'

test('every rule has a mutant', () => {
  expect(new Set(mutants.map(({ rule }) => rule))).toEqual(new Set(contractCases.map(({ id }) => id)))
})

test.each(mutants.map((mutant) => [mutant.rule, mutant.sin, mutant] as const))(
  '%s finds an adapter that %s',
  async (rule, _, { breaks, options }) => {
    const one = contractCases.find(({ id }) => id === rule)!
    const against = await reasonAgainst(one, await broken(breaks, options))
    expect(against, 'why the rule does not apply').toBeUndefined()
    await expect(one.run(new Trial(await broken(breaks, options)))).rejects.toMatchObject({
      name: 'AssertionError',
    })
  },
)
