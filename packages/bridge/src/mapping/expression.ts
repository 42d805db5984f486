/**
 * JSONata in a mapping file: a function without code (SPEC B-77). It is evaluated inside a decision, at once, so the line of JSONata whose `evaluate` answers at once is used (1.8; from 2.0
 * on it is a promise). What would make two runs differ is refused when the configuration is read, and a run is bounded by what it does, never by the clock: a bound in milliseconds would
 * hold on one node and not on the other.
 */
import jsonata from 'jsonata'
import { linearMatcher } from './linear-regex.ts'

/** Steps of one evaluation: a hundred for a long formula over one record, a thousand for a list; 100,000 take about a tenth of a second. */
export const EXPRESSION_STEPS_MAX = 100_000
/** Calls and brackets within each other: deeper, the engine's own stack would end it. */
export const EXPRESSION_DEPTH_MAX = 200
/** Code units of a text, or elements of a list, anywhere in an evaluation: larger than any field of a CRM, small enough that a text cannot double itself into the memory. */
export const EXPRESSION_SIZE_MAX = 1_000_000
/** Code units of an expression: beyond a page it is a program, and belongs in a function. */
export const EXPRESSION_LENGTH_MAX = 4_000

/** Different at each call, or a way to names that cannot be seen. */
const refused: Readonly<Record<string, string>> = {
  now: 'it reads the clock',
  millis: 'it reads the clock',
  random: 'it is chance',
  shuffle: 'it is chance',
  eval: 'it runs a text that cannot be checked here',
}

interface Node extends Record<string, unknown> {
  type?: unknown
  value?: unknown
}

/** @returns what the expression makes of its input @throws RangeError for one that cannot be used, with the column */
export function compileExpression(text: string): (input: unknown) => unknown {
  if (text.length > EXPRESSION_LENGTH_MAX)
    throw new RangeError(`the expression has ${text.length} letters, limit ${EXPRESSION_LENGTH_MAX}`)
  const expression = parse(text)
  const nodes = nodesOf(expression.ast())
  checkNames(nodes)
  const matchers = takeMatchers(nodes)
  expression.registerFunction('pad', pad, '<s-ns?:s>')
  return (input) => expression.evaluate(input, { ...matchers, ...guard() })
}

function parse(text: string): jsonata.Expression {
  try {
    return jsonata(text)
  } catch (error) {
    const { message = 'it cannot be read', position } = error as Partial<jsonata.JsonataError>
    throw new RangeError(`the expression ${at(position)}: ${message}`)
  }
}

function nodesOf(tree: unknown, found = new Set<Node>()): Set<Node> {
  if (typeof tree !== 'object' || tree === null || tree instanceof RegExp || found.has(tree as Node))
    return found
  found.add(tree as Node)
  for (const inner of Object.values(tree)) nodesOf(inner, found)
  return found
}

function checkNames(nodes: ReadonlySet<Node>): void {
  const plain = new Set([...nodes].filter(hasOneArgument).map(({ procedure }) => procedure))
  for (const node of nodes) {
    const { type, value, position } = node
    if (type !== 'variable' || typeof value !== 'string') continue
    if (Object.hasOwn(refused, value))
      throw new RangeError(
        `the expression ${at(position)}: $${value} cannot be used in a mapping: ${refused[value]}`,
      )
    if (value === 'toMillis' && !plain.has(node))
      throw new RangeError(
        `the expression ${at(position)}: $toMillis takes an ISO text and nothing else in a mapping: what a picture leaves out comes from the clock`,
      )
  }
}

function hasOneArgument({ type, arguments: given }: Node): boolean {
  return type === 'function' && Array.isArray(given) && given.length === 1
}

/** Each regular expression becomes a variable that holds a matcher of our own. */
function takeMatchers(nodes: ReadonlySet<Node>): Record<string, unknown> {
  const matchers: Record<string, unknown> = {}
  for (const node of nodes) {
    const { type, value } = node
    if (type !== 'regex' || !(value instanceof RegExp)) continue
    const name = `/${Object.keys(matchers).length}`
    matchers[name] = matcherOf(value, node.position)
    node.type = 'variable'
    node.value = name
  }
  return matchers
}

function matcherOf(regex: RegExp, position: unknown): unknown {
  try {
    return linearMatcher(regex)
  } catch (error) {
    throw new RangeError(
      `the expression ${at(position)}: /${regex.source}/ cannot be used in a mapping, because its time could not be bounded: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function guard(): Record<string, unknown> {
  let steps = 0
  let depth = 0
  return {
    __evaluate_entry: () => {
      if (++steps > EXPRESSION_STEPS_MAX)
        throw new RangeError(`the expression took more than ${EXPRESSION_STEPS_MAX} steps`)
      if (++depth > EXPRESSION_DEPTH_MAX)
        throw new RangeError(`the expression goes more than ${EXPRESSION_DEPTH_MAX} deep`)
    },
    __evaluate_exit: (_: unknown, __: unknown, ___: unknown, result: unknown) => {
      depth -= 1
      checkSize(result)
    },
  }
}

function checkSize(result: unknown): void {
  if (typeof result !== 'string' && !Array.isArray(result)) return
  if (result.length > EXPRESSION_SIZE_MAX)
    throw new RangeError(
      `the expression made ${typeof result === 'string' ? 'a text' : 'a list'} of ${result.length}, limit ${EXPRESSION_SIZE_MAX}`,
    )
}

/** JSONata's own makes the padding before anybody can see its size. */
function pad(text: string | undefined, width: number, filler = ' '): string | undefined {
  if (text === undefined) return undefined
  if (Math.abs(width) > EXPRESSION_SIZE_MAX)
    throw new RangeError(`$pad to ${Math.abs(width)}, limit ${EXPRESSION_SIZE_MAX}`)
  return width < 0 ? text.padStart(-width, filler || ' ') : text.padEnd(width, filler || ' ')
}

function at(position: unknown): string {
  return typeof position === 'number' ? `at column ${position}` : 'as a whole'
}
