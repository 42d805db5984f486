/** SOQL, as far as clients of this stand-in use it: no relationships, no aggregates but COUNT(), no date words. What is not here is refused, never misread. */
import { queryLengthMax } from '../limits.ts'
import { Refusal } from '../refusal.ts'
import type { Comparison, Condition, Literal, Query } from './query.ts'
import { malformed, type Token, tokensOf } from './tokens.ts'

const comparisons: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

/** @throws Refusal MALFORMED_QUERY, QUERY_TOO_COMPLICATED */
export function parseSoql(soql: string): Query {
  if (soql.length > queryLengthMax)
    throw new Refusal(
      'MALFORMED_QUERY',
      `SOQL statements cannot be longer than ${queryLengthMax} characters.`,
    )
  return new Parser(soql).query()
}

class Parser {
  readonly #soql: string
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(soql: string) {
    this.#soql = soql
    this.#tokens = tokensOf(soql)
  }

  query(): Query {
    this.#word('SELECT')
    const fields = this.#fields()
    this.#word('FROM')
    const type = this.#name()
    const where = this.#tryWord('WHERE') ? this.#any() : undefined
    const orderBy = this.#tryWord('ORDER') ? this.#order() : []
    const limit = this.#tryWord('LIMIT') ? this.#whole() : undefined
    const offset = this.#tryWord('OFFSET') ? this.#whole() : 0
    const rest = this.#tokens[this.#next]
    if (rest) throw this.#unexpected(rest)
    return { fields, type, where, orderBy, limit, offset }
  }

  #fields(): string[] {
    if (this.#tryWord('COUNT')) {
      this.#sign('(')
      this.#sign(')')
      return []
    }
    const fields = [this.#name()]
    while (this.#trySign(',')) fields.push(this.#name())
    return fields
  }

  #order(): Query['orderBy'] {
    this.#word('BY')
    const one = () => {
      const field = this.#name()
      const descending = this.#tryWord('DESC')
      if (!descending) this.#tryWord('ASC')
      const nullsLast = this.#tryWord('NULLS') && this.#firstOrLast() === 'LAST'
      return { field, descending, nullsLast }
    }
    const order = [one()]
    while (this.#trySign(',')) order.push(one())
    return order
  }

  #firstOrLast(): 'FIRST' | 'LAST' {
    if (this.#tryWord('LAST')) return 'LAST'
    this.#word('FIRST')
    return 'FIRST'
  }

  #any(): Condition {
    const parts = [this.#all()]
    while (this.#tryWord('OR')) parts.push(this.#all())
    return parts.length === 1 ? parts[0]! : { op: 'or', parts }
  }

  #all(): Condition {
    const parts = [this.#one()]
    while (this.#tryWord('AND')) parts.push(this.#one())
    return parts.length === 1 ? parts[0]! : { op: 'and', parts }
  }

  #one(): Condition {
    if (this.#tryWord('NOT')) return { op: 'not', part: this.#one() }
    if (this.#trySign('(')) {
      const inner = this.#any()
      this.#sign(')')
      return inner
    }
    const field = this.#name()
    if (this.#tryWord('LIKE')) return { op: 'like', field, value: this.#literal() }
    if (this.#tryWord('IN')) return { op: 'in', field, values: this.#list() }
    if (this.#tryWord('NOT')) {
      this.#word('IN')
      return { op: 'not in', field, values: this.#list() }
    }
    const sign = this.#take()
    const op = comparisons[sign.text]
    if (!op) throw this.#unexpected(sign)
    return { op, field, value: this.#literal() }
  }

  #list(): Literal[] {
    this.#sign('(')
    const values = [this.#literal()]
    while (this.#trySign(',')) values.push(this.#literal())
    this.#sign(')')
    return values
  }

  #literal(): Literal {
    const token = this.#take()
    const { kind, text } = token
    if (kind === 'string') return { kind, text: text.slice(1, -1).replace(/\\(.)/g, unescaped) }
    if (kind === 'number' || kind === 'time' || kind === 'date') return { kind, text }
    const word = text.toLowerCase()
    if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true' }
    if (word === 'null') return { kind: 'null' }
    throw this.#unexpected(token)
  }

  #whole(): number {
    const token = this.#take()
    if (token.kind === 'number' && /^\d{1,9}$/.test(token.text)) return Number(token.text)
    throw this.#unexpected(token)
  }

  #name(): string {
    const token = this.#take()
    if (token.kind === 'name') return token.text
    throw this.#unexpected(token)
  }

  #word(word: string): void {
    if (!this.#tryWord(word)) throw this.#unexpected(this.#take())
  }

  #tryWord(word: string): boolean {
    const token = this.#tokens[this.#next]
    if (token?.kind !== 'name' || token.text.toUpperCase() !== word) return false
    this.#next++
    return true
  }

  #sign(sign: string): void {
    if (!this.#trySign(sign)) throw this.#unexpected(this.#take())
  }

  #trySign(sign: string): boolean {
    const token = this.#tokens[this.#next]
    if (token?.kind !== 'sign' || token.text !== sign) return false
    this.#next++
    return true
  }

  #take(): Token {
    const token = this.#tokens[this.#next++]
    if (token) return token
    throw malformed(this.#soql, this.#soql.length, 'unexpected token: <EOF>')
  }

  #unexpected({ text, at }: Token): Refusal {
    return malformed(this.#soql, at, `unexpected token: '${text}'`)
  }
}

function unescaped(_: string, letter: string): string {
  return { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }[letter] ?? letter
}
