/** What is refused, as one class: thrown by a name where it is decided; status, code and words are the profile's. */

const statusByName = {
  'bad-request': 400,
  'bad-query': 400,
  'unknown-property': 400,
  'invalid-value': 400,
  'rule-broken': 400,
  'duplicate-key': 400,
  'token-missing': 401,
  'csrf-missing': 403,
  'no-such-set': 404,
  'no-such-row': 404,
  'method-not-allowed': 405,
  'delta-expired': 410,
  stale: 412,
  exists: 412,
  'media-type': 415,
  'dependency-failed': 424,
  'condition-missing': 428,
  throttled: 429,
  internal: 500,
  'not-implemented': 501,
} as const

export type RefusalName = keyof typeof statusByName

/** How a profile tells one of them. A text takes the place of ours. */
export type RefusalForm = { status?: number; code: string; message?: string }

export class Refusal extends Error {
  readonly refusal: RefusalName
  /** The property that is meant. */
  readonly target: string | undefined
  readonly headers: Record<string, string>

  constructor(
    name: RefusalName,
    message: string,
    { target, headers = {} }: { target?: string; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.name = 'Refusal'
    this.refusal = name
    this.target = target
    this.headers = headers
  }

  /** Status and body, in the words of a profile. */
  told(forms: Readonly<Partial<Record<RefusalName, RefusalForm>>>, tellsTarget: boolean) {
    const form = forms[this.refusal]
    const target = tellsTarget && this.target !== undefined ? { target: this.target } : {}
    const error = { code: form?.code ?? this.refusal, message: form?.message ?? this.message, ...target }
    return { status: form?.status ?? statusByName[this.refusal], body: { error } }
  }
}
