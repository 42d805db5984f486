/** Something an operator should hear of; `fields` are for a structured log. */
export interface ReplicaEvent {
  level: 'info' | 'warn' | 'error'
  code: string
  message: string
  fields?: Record<string, string | number | boolean>
}
