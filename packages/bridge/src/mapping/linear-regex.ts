/**
 * Regular expressions of a mapping's expressions, matched in time that grows with the text only (RE2): the text comes from outside, and the engine of JavaScript can be made to think for
 * years about thirty letters of it.
 */
import { RE2JS } from 're2js'

/** What JSONata's functions expect of a matcher. */
export interface Match {
  match: string
  start: number
  end: number
  groups: (string | null)[]
  next: () => Match | undefined
}

export type MatcherFunction = (text: string, from?: number) => Match | undefined

/** @throws Error for what cannot be matched in linear time: look-around, back references */
export function linearMatcher({ source, flags }: RegExp): MatcherFunction {
  const compiled = RE2JS.compile(
    RE2JS.translateRegExp(source),
    (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) | (flags.includes('m') ? RE2JS.MULTILINE : 0),
  )
  const matchFrom: MatcherFunction = (text, from = 0) => {
    const matcher = compiled.matcher(text)
    if (from > text.length || !matcher.find(from)) return undefined
    const [start, end] = [matcher.start(), matcher.end()]
    const groups = Array.from({ length: matcher.groupCount() }, (_, i) => matcher.group(i + 1))
    // An empty match leads on to the next letter, or it would be found for ever.
    const next = () => matchFrom(text, end === start ? end + 1 : end)
    return { match: matcher.group() ?? '', start, end, groups, next }
  }
  return matchFrom
}
