/** Failures as they cross (M-4): what an error says of itself, on the other side an error again. */
import { LiveError } from '@skerry/live'
import { isObject, isText } from './checks.ts'
import type { WireError } from './messages.ts'

export function toWire(error: unknown): WireError {
  const { name, code, message, issues } =
    isObject(error) || error instanceof Error ? (error as Partial<WireError>) : {}
  return {
    name: isText(name) ? name : 'Error',
    code: isText(code) ? code : 'unexpected',
    message: isText(message) ? message : String(error),
    ...(Array.isArray(issues)
      ? { issues: issues.map(({ path, message: said }) => ({ path, message: said })) }
      : {}),
  }
}

export function fromWire({ name, code, message, issues }: WireError): LiveError {
  return new LiveError(name, code, message, issues)
}
