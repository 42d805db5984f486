/** Which entries about a record have to do with one of its fields. */
import { type Field, pointersOf } from '../mapping/field.ts'
import type { AuditEntry } from './audit-entry.ts'

/** For the entries of one record, in their order. @param field undefined: all of them */
export function relevance(field: Field | undefined): (entry: AuditEntry) => boolean {
  if (!field) return () => true
  const { name, external } = field
  const pointers = pointersOf(field)
  /** Keys of calls that wrote the field. */
  const calls = new Set<string>()
  /** One of them was carried out, and nobody has seen it there yet. */
  let isAwaited = false
  return (entry) => {
    switch (entry.kind) {
      case 'noticed':
        return entry.fields.includes(external) || entry.action === 'delete'
      case 'begun': {
        const concerns = name in entry.fields || entry.action === 'delete'
        if (concerns) calls.add(entry.key)
        return concerns
      }
      case 'answered': {
        const concerns = calls.has(entry.key)
        isAwaited ||= concerns && entry.answer === 'done'
        return concerns
      }
      case 'echo':
      case 'unchanged': {
        const concerns = isAwaited
        isAwaited = false
        return concerns
      }
      case 'taken':
        isAwaited = false
        return name in entry.fields || entry.deleted === true || entry.recordDeleted === true
      case 'told':
        return entry.fields.length === 0
          ? entry.outcome !== 'saved'
          : entry.fields.some((pointer) => pointer === '' || pointers.includes(pointer))
      case 'decided':
        return entry.field === '' || entry.field === name
      default:
        return true
    }
  }
}
