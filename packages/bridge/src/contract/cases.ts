/** Every rule of the contract, in the order of its SPEC. */
import { batchCases } from './batch-cases.ts'
import { bridgeCase } from './bridge-case.ts'
import type { ContractCase } from './case.ts'
import { changeCases } from './change-cases.ts'
import { driftCase } from './drift-case.ts'
import { failureCases } from './failure-cases.ts'
import { identityCases } from './identity-cases.ts'
import { listingCases } from './listing-cases.ts'
import { newsCases } from './news-cases.ts'
import { readBackCase } from './read-back-case.ts'
import { readingCases } from './reading-cases.ts'
import { writingCases } from './writing-cases.ts'

export const contractCases: readonly ContractCase[] = [
  ...identityCases,
  ...readingCases,
  ...changeCases,
  ...listingCases,
  ...writingCases,
  readBackCase,
  ...failureCases,
  ...batchCases,
  ...newsCases,
  bridgeCase,
  driftCase,
]
