/** Somebody who works in Tryton: its JSON-RPC as the client of a person speaks it. It shares nothing with the adapter, so that one can be held against the other. */
import { CALL_MS_MAX } from '../limits.ts'

/** Of `UserError` and its like: name first, then the server's words. */
export class TrytonFailed extends Error {
  override readonly name = 'TrytonFailed'
  readonly told: readonly unknown[]

  constructor(method: string, told: readonly unknown[]) {
    super(`${method}: ${JSON.stringify(told)}`)
    this.told = told
  }
}

export class Office {
  readonly #url: string
  readonly #authorization: string
  #context: Record<string, unknown> = {}
  #calls = 0

  private constructor(url: string, authorization: string) {
    this.#url = url
    this.#authorization = authorization
  }

  /** @param url with the database, as in `http://127.0.0.1:8000/demo/` */
  static async open(url: string, user: string, password: string): Promise<Office> {
    const [id, session] = await new Office(url, '').#post<[number, string]>('common.db.login', [
      user,
      { password },
      'en',
    ])
    const token = Buffer.from(`${user}:${id}:${session}`).toString('base64')
    const office = new Office(url, `Session ${token}`)
    await office.refresh()
    return office
  }

  /** Preferences again, after they changed: the company a user is in. */
  async refresh(): Promise<void> {
    this.#context = await this.call('res.user', 'get_preferences', true)
  }

  /** `params` without the context. @throws TrytonFailed */
  call<Result>(model: string, method: string, ...params: readonly unknown[]): Promise<Result> {
    return this.#post(`model.${model}.${method}`, [...params, this.#context])
  }

  async create(model: string, ...rows: readonly object[]): Promise<number[]> {
    return this.call(model, 'create', rows)
  }

  write(model: string, id: number, values: object): Promise<null> {
    return this.call(model, 'write', [id], values)
  }

  delete(model: string, ...ids: readonly number[]): Promise<null> {
    return this.call(model, 'delete', ids)
  }

  search<Row>(model: string, domain: readonly unknown[], fields: readonly string[]): Promise<Row[]> {
    return this.call(model, 'search_read', domain, 0, null, [['id', 'ASC']], fields)
  }

  async #post<Result>(method: string, params: readonly unknown[]): Promise<Result> {
    this.#calls += 1
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.#authorization !== '' && { authorization: this.#authorization }),
      },
      body: JSON.stringify({ id: this.#calls, method, params }),
      signal: AbortSignal.timeout(CALL_MS_MAX),
    })
    const text = await response.text()
    if (!response.ok) throw new TrytonFailed(method, [`${response.status}`, text.slice(0, 500)])
    const { result, error } = JSON.parse(text) as { result: Result; error?: unknown[] }
    if (error) throw new TrytonFailed(method, error)
    return result
  }
}

export const decimal = (text: string) => ({ __class__: 'Decimal', decimal: text })
export const date = (year: number, month: number, day: number) => ({ __class__: 'date', year, month, day })
