/** The browser's own methods, with something in front. */
import { onTestFinished } from 'vitest'

type MethodOf<Owner, Name extends keyof Owner> = Extract<Owner[Name], (...args: never[]) => unknown>

/** Calls come to `by` first until the test ends; `go` makes them. Gives what ends it before. */
export function intercepted<Owner, Name extends keyof Owner>(
  owner: Owner,
  name: Name,
  by: (
    go: () => ReturnType<MethodOf<Owner, Name>>,
    ...args: Parameters<MethodOf<Owner, Name>>
  ) => ReturnType<MethodOf<Owner, Name>>,
): () => void {
  const was = owner[name] as MethodOf<Owner, Name>
  owner[name] = function (this: unknown, ...args: Parameters<typeof was>) {
    return by(() => Reflect.apply(was, this, args) as ReturnType<typeof was>, ...args)
  } as Owner[Name]
  const end = () => {
    owner[name] = was
  }
  onTestFinished(end)
  return end
}
