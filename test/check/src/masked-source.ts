// Rules about code must not fire on a comment or a string that merely mentions the forbidden word, and rules about
// comments must not fire on code. So a source is split once into two texts of the same length and the same line breaks:
//
//   source    const a = 'Date.now' // at noon
//   code      const a = '        '
//   comments                      // at noon
//
// This is a lexer, not a parser. What it leaves out: after `)` and `}` a slash is taken for a division, and text between
// JSX tags is read as code. Both can only blank or unblank the rest of one line, because strings and regular expressions
// end at the line break at the latest.

export type MaskedSource = {
  readonly code: string
  readonly comments: string
  /** Both of them, without the contents of strings: for rules that ask whether code has a comment. */
  readonly commented: string
}

type Kind = 'code' | 'comment' | 'literal'

const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:\\[\s\S]|[^'\\\n])*'?|"(?:\\[\s\S]|[^"\\\n])*"?|[\w$]+|\s+|[\s\S]/y
const TEMPLATE_PART = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{|\\?$)/y
const REGULAR_EXPRESSION = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y
const WORD_BEFORE_EXPRESSION =
  /^(?:return|typeof|case|in|of|do|else|void|delete|throw|new|yield|await|default)$/

export function maskSource(text: string): MaskedSource {
  const spans = new Spans(text)
  const braces: ('block' | 'template')[] = []
  let before = ''
  let at = 0

  const template = (): void => {
    const part = matchAt(TEMPLATE_PART, text, at) ?? ''
    const closed = part.endsWith('`')
    const opensExpression = !closed && part.endsWith('${')
    spans.add('literal', at, at + part.length - (closed ? 1 : opensExpression ? 2 : 0))
    spans.add('code', at + part.length - (closed ? 1 : opensExpression ? 2 : 0), at + part.length)
    if (opensExpression) braces.push('template')
    at += part.length
    before = closed ? '`' : '{'
  }

  while (at < text.length) {
    const token = matchAt(TOKEN, text, at) ?? text.charAt(at)
    const first = token.charAt(0)
    if (token.startsWith('//') || token.startsWith('/*')) at = spans.add('comment', at, at + token.length)
    else if (first === "'" || first === '"') {
      at = spans.addQuoted(at, token)
      before = first
    } else if (first === '`') {
      at = spans.add('code', at, at + 1)
      template()
    } else if (first === '}' && braces.pop() === 'template') {
      at = spans.add('code', at, at + 1)
      template()
    } else {
      const expression =
        first === '/' && opensExpressionAfter(before) && matchAt(REGULAR_EXPRESSION, text, at)
      if (first === '{') braces.push('block')
      at = expression
        ? spans.add('literal', at, at + expression.length)
        : spans.add('code', at, at + token.length)
      if (expression) before = ')'
      else if (token.trim() !== '') before = token
    }
  }
  return spans.masked()
}

function opensExpressionAfter(token: string): boolean {
  if (WORD_BEFORE_EXPRESSION.test(token)) return true
  return !/^[\w$'"`)\]}]/.test(token)
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** Collects the texts piece by piece; what does not belong into one becomes spaces, line breaks stay. */
class Spans {
  readonly #text: string
  #code = ''
  #comments = ''
  #commented = ''

  constructor(text: string) {
    this.#text = text
  }

  add(kind: Kind, start: number, end: number): number {
    const piece = this.#text.slice(start, end)
    const blank = piece.replace(/[^\n]/g, ' ')
    this.#code += kind === 'code' ? piece : blank
    this.#comments += kind === 'comment' ? piece : blank
    this.#commented += kind === 'literal' ? blank : piece
    return end
  }

  addQuoted(start: number, token: string): number {
    const closed = token.length > 1 && token.endsWith(token.charAt(0))
    const inner = start + token.length - (closed ? 1 : 0)
    this.add('code', start, start + 1)
    this.add('literal', start + 1, inner)
    return this.add('code', inner, start + token.length)
  }

  masked(): MaskedSource {
    return { code: this.#code, comments: this.#comments, commented: this.#commented }
  }
}
