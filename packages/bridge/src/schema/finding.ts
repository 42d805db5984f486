/** What a mapping and the system's schema say against each other (SPEC B-170 to B-174). */

export type FindingCode =
  | 'unknown-type'
  | 'unknown-field'
  | 'read-only'
  | 'wrong-kind'
  | 'too-long'
  | 'too-precise'
  | 'missing-value'
  | 'wrong-reference'
  | 'unfilled'
  /** Of a bridge that runs: the system did not tell its schema when it was needed. */
  | 'schema-unread'
  /** Of a bridge that runs: rows lack the field, at a system that shows empty ones, and the schema has it. */
  | 'field-unshown'

export interface Finding {
  /** `error`: it cannot work, and a bridge that runs pauses the mapping (B-190). `warning`: some values will not go through, or it cannot be told. */
  level: 'error' | 'warning'
  code: FindingCode
  collection: string
  type: string
  /** The record's field, or group of fields; absent where it is about none. */
  field?: string
  /** The system's field. */
  external?: string
  /** What is there, and what to do. */
  message: string
}

export function isError({ level }: Finding): boolean {
  return level === 'error'
}
