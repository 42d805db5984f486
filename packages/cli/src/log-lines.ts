/** Log lines for people at a terminal: time, level, message, then the fields. Everybody else gets JSON. */
import { paint, type Terminal } from './terminal.ts'

const styles = { warn: 'yellow', error: 'red', fatal: 'red' } as const

export function logLines(terminal: Terminal): { write(line: string): void } {
  return { write: (line) => terminal.print(readable(line, terminal)) }
}

/** A line that is not JSON is passed on as it is. */
export function readable(line: string, terminal: Pick<Terminal, 'color'>): string {
  const entry = parsed(line)
  if (!entry) return line.trimEnd()
  const { time, level, msg, ...fields } = entry
  const style = styles[level as keyof typeof styles] ?? 'green'
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const head = `${paint(terminal, 'dim', String(time).slice(11, 19))} ${paint(terminal, style, String(level).padEnd(5))} ${msg}`
  return [head, ...(rest.length > 0 ? [paint(terminal, 'dim', rest.join(' '))] : [])].join('  ')
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined // not ours to mend; it is printed as it came
  }
}
