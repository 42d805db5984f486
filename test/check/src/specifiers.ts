// Which modules a source names: static and dynamic imports, re-exports, and `import('x')` in types. Type imports count like
// any other, because a cycle of types is a cycle for the reader. A specifier computed at run time is not seen.

import { lineAt } from './finding.ts'
import { maskSource } from './masked-source.ts'

export type Specifier = { readonly name: string; readonly line: number }

// Each ends just before the opening quote. They run over masked code, so quotes there are real ones.
const FORMS = [
  /(?<![.\w$])(?:import|export)\b[\w$\s,{}*]*?\bfrom\s*(?=['"])/g,
  /(?<![.\w$])import\s*(?=['"])/g,
  /(?<![.\w$])import\s*\(\s*(?=['"])/g,
]

export function readSpecifiers(text: string): Specifier[] {
  const { code } = maskSource(text)
  const found: { name: string; at: number }[] = []
  for (const form of FORMS) {
    for (const match of code.matchAll(form)) {
      const open = match.index + match[0].length
      const close = code.indexOf(code.charAt(open), open + 1)
      if (close > open) found.push({ name: text.slice(open + 1, close), at: open })
    }
  }
  found.sort((a, b) => a.at - b.at)
  return found.map(({ name, at }) => ({ name, line: lineAt(text, at) }))
}
