/** Conditional requests (RFC 9110, section 13) over a row's strong ETag. Decides only; knows nothing of HTTP objects. */
import { Problem } from '../problem.ts'
import { etagOf, type Row } from './row.ts'

export type Precondition = { ifMatch?: string | undefined; ifNoneMatch?: string | undefined }

/** Strong comparison: a weak tag (`W/"v1"`) matches nothing. */
export function matchesEtag(header: string, row: Row): boolean {
  if (header.trim() === '*') return true
  return header.split(',').some((tag) => tag.trim() === etagOf(row))
}

/**
 * @param row the row as it is, or undefined when there is none (a tombstone is a row)
 * @param required refuse an unconditional write of an existing row
 * @throws Problem version-mismatch with the current ETag and row, precondition-required
 */
export function assertPrecondition(row: Row | undefined, given: Precondition, required: boolean): void {
  const { ifMatch, ifNoneMatch } = given
  if (ifMatch !== undefined && !(row && matchesEtag(ifMatch, row))) throw mismatch('If-Match', ifMatch, row)
  if (ifNoneMatch !== undefined && row && matchesEtag(ifNoneMatch, row)) {
    throw mismatch('If-None-Match', ifNoneMatch, row)
  }
  if (required && row && ifMatch === undefined && ifNoneMatch === undefined) {
    throw new Problem(
      'precondition-required',
      `${row.id} may only be written with If-Match; its ETag is ${etagOf(row)}`,
      {
        headers: { etag: etagOf(row) },
      },
    )
  }
}

function mismatch(header: string, value: string, row: Row | undefined): Problem {
  if (!row)
    return new Problem('version-mismatch', `${header} ${value}: there is no such row`, {
      members: { row: null },
    })
  return new Problem(
    'version-mismatch',
    `${header} ${value}, but ${row.id} is at ${etagOf(row)}; read it and decide again`,
    {
      headers: { etag: etagOf(row) },
      members: { row },
    },
  )
}
