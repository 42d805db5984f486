/** A batch as a multipart body (OData Protocol 4.0, section 11.7). Writes stand each in a change set of their own: a change set is carried out whole or not at all, and none may fail because of another. */
import type { HeadersRead } from '@skerry/bridge/http'
import { JSON_MEDIA_TYPE, type Request } from './client.ts'

const LINE = '\r\n'

/** One answer of a batch. */
export interface Part {
  status: number
  headers: HeadersRead
  text: string
}

/**
 * @param prefix of every address
 * @param mark stands in the boundaries, and in no request
 */
export function multipartOf(
  requests: readonly Request[],
  prefix: string,
  mark: string,
): { type: string; text: string } {
  const parts = requests.flatMap((request, i) => {
    const message = messageOf(request, i, prefix)
    const set = `set_${mark}_${i}`
    const inner =
      request.method === 'GET'
        ? message
        : [`Content-Type: multipart/mixed; boundary=${set}`, '', `--${set}`, ...message, `--${set}--`]
    return [`--batch_${mark}`, ...inner]
  })
  return {
    type: `multipart/mixed; boundary=batch_${mark}`,
    text: [...parts, `--batch_${mark}--`, ''].join(LINE),
  }
}

function messageOf({ method, path, body, headers }: Request, id: number, prefix: string): string[] {
  return [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    `Content-ID: ${id + 1}`,
    '',
    `${method} ${prefix}${path} HTTP/1.1`,
    `Accept: ${JSON_MEDIA_TYPE}`,
    ...(body === undefined ? [] : [`Content-Type: ${JSON_MEDIA_TYPE}`]),
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    '',
    body === undefined ? '' : JSON.stringify(body),
  ]
}

/** Answers in order, one for each request; fewer when the service stopped. Undefined for what is no whole batch. */
export function partsOf(contentType: string | null, text: string): Part[] | undefined {
  const bodies = bodiesOf(contentType, text)
  const parts = bodies?.map(({ headers, body }) => {
    // A change set of one request has one answer; one that failed has it bare.
    const [only, ...more] = bodiesOf(headers.get('content-type'), body) ?? [{ headers, body }]
    return only && more.length === 0 ? responseOf(only.body) : undefined
  })
  return parts?.every((part) => part !== undefined) ? parts : undefined
}

interface Body {
  headers: Headers
  body: string
}

function bodiesOf(contentType: string | null, text: string): Body[] | undefined {
  const [, boundary] = /^multipart\/mixed;.*boundary="?([^";]+)"?/i.exec(contentType ?? '') ?? []
  if (boundary === undefined) return undefined
  const lines = text.split(/\r?\n/)
  const marks = lines.flatMap((line, i) => (line.startsWith(`--${boundary}`) ? [i] : []))
  if (lines[marks.at(-1) ?? -1]?.trimEnd() !== `--${boundary}--`) return undefined
  return marks.slice(0, -1).map((mark, i) => splitAtEmpty(lines.slice(mark + 1, marks[i + 1])))
}

function splitAtEmpty(lines: readonly string[]): Body {
  const empty = lines.indexOf('')
  const end = empty < 0 ? lines.length : empty
  const headers = new Headers()
  for (const line of lines.slice(0, end)) {
    const [, name, value = ''] = /^([\w!#$%&'*+.^`|~-]+):(.*)$/.exec(line) ?? []
    if (name !== undefined) headers.append(name, value.trim().replace(/[^\t\x20-\xff]/g, '?'))
  }
  return { headers, body: lines.slice(end + 1).join(LINE) }
}

function responseOf(text: string): Part | undefined {
  const end = text.indexOf(LINE)
  const [, status] = /^HTTP\/1\.\d (\d{3})\b/.exec(text) ?? []
  if (status === undefined) return undefined
  const { headers, body } = splitAtEmpty(end < 0 ? [] : text.slice(end + LINE.length).split(LINE))
  return { status: Number(status), headers, text: body }
}
