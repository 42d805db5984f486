/**
 * Which streams a rule is about: a stream name in which `*` stands for any characters but `/`, so that `gw-1/*` is all
 * of one gateway and `*` + `/pressure` one sensor of every gateway. No regular expressions: a pattern may come from a
 * user, and this takes at most (pattern × name) steps whatever it is.
 */

/** Whether the whole of `stream` is what `pattern` describes. */
export function matchesStream(pattern: string, stream: string): boolean {
  const patternParts = pattern.split('/')
  const streamParts = stream.split('/')
  return (
    patternParts.length === streamParts.length &&
    patternParts.every((part, i) => matchesPart(part, streamParts[i]!))
  )
}

/** On a mismatch only the last `*` need take one character more: an earlier one could not help. */
function matchesPart(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let afterStar = -1
  let starTook = 0
  while (t < text.length) {
    if (pattern[p] === '*') {
      p += 1
      afterStar = p
      starTook = t
    } else if (pattern[p] === text[t]) {
      p += 1
      t += 1
    } else if (afterStar >= 0) {
      p = afterStar
      starTook += 1
      t = starTook
    } else {
      return false
    }
  }
  while (pattern[p] === '*') p += 1
  return p === pattern.length
}
