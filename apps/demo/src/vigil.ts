/** Who ends while the story goes on by itself is named: a page that stands still does not say which process is missing. */
import type { Cast } from './cast.ts'
import { type Child, wordsFor } from './child.ts'

/** Calls `told` with one line for each of those now running that ends, until the result is called. */
export function keepVigil(cast: Cast, told: (line: string) => void): () => void {
  let isOver = false
  const watch = async (child: Child) => {
    const ending = await child.ended
    if (isOver) return
    told(
      `${child.name} is gone (${wordsFor(ending)}); the others go on without it. Ctrl-C ends them, npm start begins again.`,
    )
  }
  for (const child of cast.running) void watch(child)
  return () => {
    isOver = true
  }
}
