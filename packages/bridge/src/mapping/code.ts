/** A function of the configuration, or an expression that stands for one, as a pure function; and where it cannot be, what the report is told. */
import type { Expression } from '../mapping-config.ts'
import { compileExpression } from './expression.ts'
import { type PureFunction, pureFunction } from './pure-function.ts'
import type { Report } from './report.ts'

type Code = ((input: never) => unknown) | Expression

/** @param what names it in errors. @returns undefined when there is none, or when it cannot be used */
export function codeOf(what: string, code: Code | undefined, report: Report): PureFunction | undefined {
  if (code === undefined) return undefined
  if (typeof code === 'function') return pureFunction(what, code)
  const compiled = report.attempt(() => compileExpression(code))
  return compiled && pureFunction(what, compiled)
}
