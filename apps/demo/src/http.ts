/** Calls to the hub's API and to the CRM's admin side. */

/** Milliseconds an answer may take; both servers are on this machine. */
const ANSWER_MS_MAX = 20_000

export interface Request {
  method?: 'GET' | 'POST' | 'DELETE'
  body?: unknown
  token?: string
}

/** The answer's JSON. @throws with the answer's text when it is no success */
export async function callJson<Answer>(
  url: string,
  { method = 'GET', body, token }: Request = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text.slice(0, 500)}`)
  return JSON.parse(text) as Answer
}
