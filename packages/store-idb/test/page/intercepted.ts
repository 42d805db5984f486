/** The browser's own methods, with something in front. */
import { onTestFinished } from 'vitest'

/** Calls come to `by` first until the test ends; `go` makes them. Gives what ends it before. */
export function intercepted<Name extends string, Args extends unknown[], Result>(
  owner: Record<Name, (...args: Args) => Result>,
  name: Name,
  by: (go: () => Result, ...args: Args) => Result,
): () => void {
  const was = owner[name]
  owner[name] = function (this: unknown, ...args) {
    return by(() => was.apply(this, args), ...args)
  }
  const end = () => {
    owner[name] = was
  }
  onTestFinished(end)
  return end
}
