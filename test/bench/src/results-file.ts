/** test/bench/RESULTS.md holds what two commands found; each writes its own part and leaves the other's as it is. */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

export type Part = 'bench' | 'bench:bridge'

const RESULTS = fileURLToPath(new URL('../RESULTS.md', import.meta.url))
/** Begins the second part; a comment, so that nobody sees it. */
const MARK = '<!-- npm run bench:bridge writes what stands below. -->\n'

export async function writeResults(part: Part, text: string): Promise<void> {
  await writeFile(RESULTS, withPart(await readFile(RESULTS, 'utf8'), part, text))
}

/** @param file as it is @returns the file with another text in this part */
export function withPart(file: string, part: Part, text: string): string {
  const at = file.indexOf(MARK)
  const first = at < 0 ? file : file.slice(0, at)
  const second = at < 0 ? '' : file.slice(at + MARK.length)
  const parts = part === 'bench' ? [text, second] : [first, text]
  const [bench, bridge] = parts.map((one) => one.trim())
  return bridge === '' ? `${bench}\n` : `${bench}\n\n${MARK}\n${bridge}\n`
}
