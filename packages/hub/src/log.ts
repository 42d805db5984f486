/** Logs: one JSON object per line, times in RFC 3339, tokens and keys never in it. The destination is handed in. */
import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger } from 'pino'

export const levels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type Level = (typeof levels)[number]

/** Fields that hold secrets, wherever a caller puts them: at the top or one level down. */
const secretFields = [
  'token',
  'credential.token',
  'authorization',
  'dpop',
  'adminToken',
  'secret',
  'privateJwk',
  'password',
]

export interface LogOptions {
  level?: Level
  /** Default: standard output. */
  destination?: DestinationStream
}

export function createLog({ level = 'info', destination }: LogOptions = {}): Logger {
  const options = {
    level,
    base: {},
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
  }
  return destination ? pino(options, destination) : pino(options)
}
