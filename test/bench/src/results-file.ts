/** test/bench/RESULTS.md holds what four commands found; each writes its own part and leaves the others' as they are. */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** In the order in which they stand. */
const PARTS = ['bench', 'bench:peers', 'bench:bridge', 'bench:browser'] as const

export type Part = (typeof PARTS)[number]

const RESULTS = fileURLToPath(new URL('../RESULTS.md', import.meta.url))
/** Begins each part but the first; a comment, so that nobody sees it. */
const MARK = /<!-- npm run (\S+) writes what stands below\. -->\n/

export async function writeResults(part: Part, text: string): Promise<void> {
  await writeFile(RESULTS, withPart(await readFile(RESULTS, 'utf8'), part, text))
}

/** @param file as it is @returns the file with another text in this part */
export function withPart(file: string, part: Part, text: string): string {
  const [first, ...rest] = file.split(MARK)
  const texts = new Map<string, string>([[PARTS[0], first!]])
  for (let at = 0; at < rest.length; at += 2) texts.set(rest[at]!, rest[at + 1]!)
  texts.set(part, text)
  return PARTS.flatMap((name, at) => {
    const told = texts.get(name)?.trim() ?? ''
    if (told === '') return at === 0 ? ['\n'] : []
    return [at === 0 ? `${told}\n` : `\n<!-- npm run ${name} writes what stands below. -->\n\n${told}\n`]
  }).join('')
}
