/** What Salesforce refuses, as one class: thrown where it is decided, told at the edge as an array of errors, or as one item of a collection. */

export type ApiError = { message: string; errorCode: string; fields?: string[] }

const statusByCode: Readonly<Record<string, number>> = {
  INVALID_SESSION_ID: 401,
  REQUEST_LIMIT_EXCEEDED: 403,
  API_DISABLED_FOR_ORG: 403,
  NOT_FOUND: 404,
  ENTITY_IS_DELETED: 404,
  METHOD_NOT_ALLOWED: 405,
  PRECONDITION_FAILED: 412,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UNKNOWN_EXCEPTION: 500,
  SERVER_UNAVAILABLE: 503,
}

export class Refusal extends Error {
  readonly code: string
  readonly status: number
  readonly fields: readonly string[] | undefined

  /** @param fields absent where this kind of error names none, as Salesforce does */
  constructor(code: string, message: string, fields?: readonly string[]) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.status = statusByCode[code] ?? 400
    this.fields = fields
  }

  get error(): ApiError {
    const { code, message, fields } = this
    return { message, errorCode: code, ...(fields && { fields: [...fields] }) }
  }
}

export function notFound(): Refusal {
  return new Refusal('NOT_FOUND', 'The requested resource does not exist')
}
