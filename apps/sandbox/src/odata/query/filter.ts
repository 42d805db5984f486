/** $filter, as far as clients of this stand-in use it: comparisons, `in`, three functions on text. What is not here is refused, never misread. */
import { filterLengthMax } from '../limits.ts'
import { Refusal } from '../refusal.ts'
import { syntaxError, type Token, tokensOf } from './tokens.ts'

const comparisons = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const
const functions = ['contains', 'startswith', 'endswith'] as const

export type Comparison = (typeof comparisons)[number]
export type TextFunction = (typeof functions)[number]
export type Literal = Token

export type Condition =
  | { op: 'and' | 'or'; parts: readonly Condition[] }
  | { op: 'not'; part: Condition }
  | { op: Comparison; property: string; value: Literal }
  | { op: 'in'; property: string; values: readonly Literal[] }
  | { op: TextFunction; property: string; value: Literal }

/** @throws Refusal bad-query */
export function parseFilter(text: string): Condition {
  if (text.length > filterLengthMax)
    throw new Refusal('bad-query', `$filter is longer than ${filterLengthMax} characters.`)
  return new Parser(text).whole()
}

class Parser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = tokensOf(text)
  }

  whole(): Condition {
    const condition = this.#any()
    const rest = this.#tokens[this.#next]
    if (rest) throw syntaxError(this.#text, rest.at)
    return condition
  }

  #any(): Condition {
    const parts = [this.#all()]
    while (this.#tryWord('or')) parts.push(this.#all())
    return parts.length === 1 ? parts[0]! : { op: 'or', parts }
  }

  #all(): Condition {
    const parts = [this.#one()]
    while (this.#tryWord('and')) parts.push(this.#one())
    return parts.length === 1 ? parts[0]! : { op: 'and', parts }
  }

  #one(): Condition {
    if (this.#tryWord('not')) return { op: 'not', part: this.#one() }
    if (this.#trySign('(')) {
      const inner = this.#any()
      this.#sign(')')
      return inner
    }
    const token = this.#take()
    const called = functions.find((name) => name === token.text)
    if (called && this.#trySign('(')) return this.#call(called)
    if (token.kind !== 'name') throw syntaxError(this.#text, token.at)
    const property = token.text
    if (this.#tryWord('in')) return { op: 'in', property, values: this.#list() }
    const word = this.#take()
    const op = comparisons.find((name) => name === word.text)
    if (!op) throw syntaxError(this.#text, word.at)
    return { op, property, value: this.#take() }
  }

  #call(op: TextFunction): Condition {
    const property = this.#take()
    if (property.kind !== 'name') throw syntaxError(this.#text, property.at)
    this.#sign(',')
    const value = this.#take()
    this.#sign(')')
    return { op, property: property.text, value }
  }

  #list(): Literal[] {
    this.#sign('(')
    const values = [this.#take()]
    while (this.#trySign(',')) values.push(this.#take())
    this.#sign(')')
    return values
  }

  #tryWord(word: string): boolean {
    return this.#try('name', word)
  }

  #trySign(sign: string): boolean {
    return this.#try('sign', sign)
  }

  #try(kind: Token['kind'], text: string): boolean {
    const token = this.#tokens[this.#next]
    if (token?.kind !== kind || token.text !== text) return false
    this.#next++
    return true
  }

  #sign(sign: string): void {
    const token = this.#take()
    if (token.text !== sign) throw syntaxError(this.#text, token.at)
  }

  #take(): Token {
    const token = this.#tokens[this.#next++]
    if (token) return token
    throw syntaxError(this.#text, this.#text.length)
  }
}
