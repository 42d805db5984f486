/** The words of a filter or a key: names, literals and signs, each with where it stands. */
import { Refusal } from '../refusal.ts'

export type Token = {
  kind: 'string' | 'guid' | 'time' | 'date' | 'number' | 'enum' | 'name' | 'sign'
  text: string
  at: number
}

const patterns: readonly [Token['kind'], RegExp][] = [
  ['string', /'(?:[^']|'')*'/y],
  ['guid', /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/iy],
  ['time', /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d)/y],
  ['date', /\d{4}-\d\d-\d\d/y],
  ['number', /-?\d+(?:\.\d+)?/y],
  ['enum', /[A-Za-z_][\w.]*'[^']*'/y],
  ['name', /[A-Za-z_]\w*/y],
  ['sign', /[(),=]/y],
]

/** @throws Refusal bad-query */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    if (text[at] === ' ') {
      at++
      continue
    }
    const token = tokenAt(text, at)
    tokens.push(token)
    at += token.text.length
  }
  return tokens
}

function tokenAt(text: string, at: number): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) return { kind, text: found, at }
  }
  throw syntaxError(text, at)
}

export function syntaxError(text: string, at: number): Refusal {
  return new Refusal('bad-query', `Syntax error at position ${at} in '${text}'.`)
}

/** What a string literal says. */
export function unquoted(literal: string): string {
  return literal.slice(literal.indexOf("'") + 1, -1).replaceAll("''", "'")
}
