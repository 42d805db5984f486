// What every check hands back, so that one printer can show them all and one number can decide the exit code.

/** One thing that breaks a rule. `file` is relative to the workspace root, with forward slashes; `line` counts from 1. */
export type Finding = {
  readonly rule: string
  readonly file: string
  readonly line?: number
  readonly message: string
}

/** What a check saw. Only `findings` fail the run; `warnings` are shown and left to the reader. */
export type CheckResult = {
  readonly findings: readonly Finding[]
  readonly warnings: readonly Finding[]
  /** One line in praise or in numbers: how much was looked at. A check that looked at nothing must show it here. */
  readonly scope: string
}

export type Check = {
  readonly name: string
  readonly run: () => CheckResult
}

/** 1-based line of a character offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let i = text.indexOf('\n'); i !== -1 && i < offset; i = text.indexOf('\n', i + 1)) line++
  return line
}
