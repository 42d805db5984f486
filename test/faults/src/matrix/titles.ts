/** Which tests claim to show which lines, read from the sources: cheap enough for every test run, and blind to what only a run can tell. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Titles } from './table.ts'

export const root = join(import.meta.dirname, '../../../..')

export interface Claim {
  id: string
  file: string
}

/** How a title begins in a source, with any quote; what it goes on with may be pieced together. What stands behind a closing quote is found too, and mentions nothing. */
const BEGINNING = /['"`]([^'"`\n]*)/g

/** A title that mentions a table and does not follow its convention is a claim for the id ''. */
export function claimsIn(titles: Titles, file: string, text: string): Claim[] {
  return [...text.matchAll(BEGINNING)].flatMap(([, title = '']) =>
    titles.mentions(title) ? (titles.read(title)?.ids ?? ['']).map((id) => ({ id, file })) : [],
  )
}

const ownTests = 'test/faults/src/matrix/'

export function claims(titles: Titles): Claim[] {
  const files = globSync('{packages,apps,test}/*/{src,test}/**/*.test.ts', { cwd: root }).sort()
  return files
    .filter((file) => !file.startsWith(ownTests))
    .flatMap((file) => claimsIn(titles, file, readFileSync(join(root, file), 'utf8')))
}
