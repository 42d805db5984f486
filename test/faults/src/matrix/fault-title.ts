/** The convention by which a test says which cases of the catalogue it shows: its title, or that of a group around it, begins `fault P1: ` or `fault S1, S2: `. */

const ID = /[A-Z]\d+/.source
const TITLE = new RegExp(`^fault (${ID}(?:, ${ID})*): (\\S.*)$`, 's')

/** For vitest's `-t`. */
export const TITLE_PATTERN = `fault ${ID}`

export interface FaultTitle {
  ids: string[]
  /** What follows the ids. */
  says: string
}

export function readFaultTitle(title: string): FaultTitle | undefined {
  const [, ids, says] = TITLE.exec(title) ?? []
  return ids === undefined || says === undefined ? undefined : { ids: ids.split(', '), says }
}
