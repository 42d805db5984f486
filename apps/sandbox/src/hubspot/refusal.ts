/** What HubSpot refuses, as one class: thrown where it is decided, told at the edge as one error, or as one item of a batch. */

export type ErrorDetail = { message: string; code?: string; context?: Record<string, string[]> }

type More = {
  errors?: readonly ErrorDetail[]
  context?: Record<string, string[]>
  /** Members that only some errors have. */
  members?: Record<string, unknown>
}

const statusByCategory: Readonly<Record<string, number>> = {
  INVALID_AUTHENTICATION: 401,
  EXPIRED_AUTHENTICATION: 401,
  OBJECT_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITS: 429,
  INTERNAL_ERROR: 500,
}

export class Refusal extends Error {
  readonly category: string
  readonly status: number
  readonly #more: More

  constructor(category: string, message: string, more: More = {}) {
    super(message)
    this.name = 'Refusal'
    this.category = category
    this.status = statusByCategory[category] ?? 400
    this.#more = more
  }

  /** As one item of a batch. @param context what tells which item it is */
  item(context: Record<string, string[]>) {
    const { category, message } = this
    const { errors, context: own } = this.#more
    return { status: 'error', category, message, context: { ...own, ...context }, ...(errors && { errors }) }
  }

  body(correlationId: string): Record<string, unknown> {
    const { category, message } = this
    const { errors, context, members } = this.#more
    return {
      status: 'error',
      message,
      correlationId,
      ...(errors && { errors }),
      ...(context && { context }),
      category,
      ...members,
    }
  }
}

export function notFound(): Refusal {
  return new Refusal('OBJECT_NOT_FOUND', 'resource not found')
}

export function validation(message: string, more: More = {}): Refusal {
  return new Refusal('VALIDATION_ERROR', message, more)
}
