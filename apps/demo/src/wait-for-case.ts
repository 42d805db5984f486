/** The CRM's case of this title, which may be about to be written. */
import type { Case, Crm } from './crm.ts'
import { eventually } from './patience.ts'

export function waitForCase(crm: Crm, title: string): Promise<Case> {
  return eventually(`the CRM has the case '${title}'`, async () =>
    (await crm.cases()).find(({ fields }) => fields.title === title),
  )
}
