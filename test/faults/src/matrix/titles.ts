/** Which tests claim to show which cases, read from the sources: cheap enough for every test run, and blind to what only a run can tell. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFaultTitle } from './fault-title.ts'

export const root = join(import.meta.dirname, '../../../..')

export interface Claim {
  id: string
  file: string
}

/** How a title begins in a source, with any quote; what it goes on with may be pieced together. */
const BEGINNING = /['"`](fault [^'"`:\n]*:? ?[^'"`\n]*)/g

/** A title that begins with `fault ` and does not follow the convention is a claim for the id ''. */
export function claimsIn(file: string, text: string): Claim[] {
  return [...text.matchAll(BEGINNING)].flatMap(([, title = '']) =>
    (readFaultTitle(title)?.ids ?? ['']).map((id) => ({ id, file })),
  )
}

const ownTests = 'test/faults/src/matrix/'

export function claims(): Claim[] {
  const files = globSync('{packages,apps,test}/*/{src,test}/**/*.test.ts', { cwd: root }).sort()
  return files
    .filter((file) => !file.startsWith(ownTests))
    .flatMap((file) => claimsIn(file, readFileSync(join(root, file), 'utf8')))
}
