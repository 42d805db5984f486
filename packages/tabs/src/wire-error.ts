/** Failures as they cross (M-4): what an error says of itself, on the other side an error again. */
import { LiveError, toLiveError } from '@skerry/live'
import type { WireError } from './messages.ts'

export function toWire(error: unknown): WireError {
  const { name, code, message, issues } = toLiveError(error)
  return { name, code, message, ...(issues ? { issues } : {}) }
}

export function fromWire({ name, code, message, issues }: WireError): LiveError {
  return new LiveError(name, code, message, issues)
}
