/** The convention by which a test says which faults it brings about: its title, or that of a group around it, begins `fault P1: ` or `fault S1, S2: `. */
import type { Titles } from './table.ts'

const ID = /[A-Z]\d+/.source
const TITLE = new RegExp(`^fault (${ID}(?:, ${ID})*): (\\S.*)$`, 's')

export const faultTitles: Titles = {
  pattern: `fault ${ID}`,
  mentions: (title) => title.startsWith('fault '),
  read(title) {
    const [, ids, says] = TITLE.exec(title) ?? []
    return ids === undefined || says === undefined ? undefined : { ids: ids.split(', '), says }
  },
}
