/** The words of a query: names, literals and signs, each with where it stands. */
import { Refusal } from '../refusal.ts'

export type Token = {
  kind: 'name' | 'string' | 'number' | 'time' | 'date' | 'sign'
  text: string
  at: number
}

const patterns: readonly [Token['kind'], RegExp][] = [
  ['time', /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:?\d\d)/y],
  ['date', /\d{4}-\d\d-\d\d/y],
  ['number', /[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['name', /[A-Za-z_][A-Za-z0-9_.]*/y],
  ['string', /'(?:[^'\\]|\\.)*'/y],
  ['sign', /<=|>=|!=|<>|[=<>(),]/y],
]

/** @throws Refusal MALFORMED_QUERY */
export function tokensOf(soql: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < soql.length) {
    if (/\s/.test(soql[at] ?? '')) {
      at++
      continue
    }
    const token = tokenAt(soql, at)
    tokens.push(token)
    at += token.text.length
  }
  return tokens
}

function tokenAt(soql: string, at: number): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at
    const text = pattern.exec(soql)?.[0]
    if (text !== undefined) return { kind, text, at }
  }
  throw malformed(soql, at, `line 1:${at} no viable alternative at character '${soql[at]}'`)
}

/** With the place in the query, as people are shown it. */
export function malformed(soql: string, at: number, message: string, code = 'MALFORMED_QUERY'): Refusal {
  const from = Math.max(0, at - 20)
  const excerpt = `${soql.slice(from, at + 20)}\n${' '.repeat(at - from)}^`
  return new Refusal(code, `\n${excerpt}\nERROR at Row:1:Column:${at + 1}\n${message}`)
}
