/**
 * The convention by which a test says which capabilities it shows: its title, or that of a group around it, begins with the ids that it is about, those of capabilities among those of rules, in
 * any order: `CDC-6: every push is lost`, `B-52 TIE-4: one call is kept`, `fault I1: RES-1 B-44 a system asks for a wait`.
 */
import { capabilityGroups } from './capabilities.ts'
import type { Titles } from './table.ts'

const ID = `(?:${Object.keys(capabilityGroups).join('|')})-\\d+`
/** Of capabilities, and of the rules of any SPEC. */
const ANY_ID = /[A-Z]+-?\d+/.source
/** `fault I1: `, `B-06 to B-12, B-55 `, `MAP-3: `. */
const TITLE = new RegExp(`^(?:fault [A-Z0-9, ]+: )?((?:(?:to )?${ANY_ID}[,:]? )+)(\\S.*)$`, 's')
const NAMED = new RegExp(`\\b${ID}\\b`, 'g')

export const capabilityTitles: Titles = {
  pattern: `\\b${ID}\\b`,
  mentions: (title) => title.search(NAMED) >= 0,
  read(title) {
    const [, head = '', says = ''] = TITLE.exec(title) ?? []
    const ids = head.match(NAMED)
    return ids === null || says.search(NAMED) >= 0 ? undefined : { ids, says }
  },
}
