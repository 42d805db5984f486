/** The CRM's case of this title, which may be about to be written. */
import type { Row } from '@skerry/sandbox'
import type { Crm } from './crm.ts'
import { eventually } from './patience.ts'

export function waitForCase(crm: Crm, title: string): Promise<Row> {
  return eventually(`the CRM has the case '${title}'`, () => crm.caseTitled(title))
}
