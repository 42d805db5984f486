/** A batch as a multipart body (OData Protocol 4.0, section 11.7): each part is an HTTP message, or a change set of its own parts. */
import { randomUUID } from 'node:crypto'
import { Refusal } from '../refusal.ts'
import type { Item, Operation, Outcome } from './batch-item.ts'
import type { Ask, Reply } from './endpoint.ts'

type Part = { headers: Headers; body: string }

const LINE = '\r\n'

/** @throws Refusal bad-request */
export function readMultipartBatch({ headers, text }: Ask): Item[] {
  return partsOf(headers, text).map((part): Item => {
    if (!isMultipart(part.headers)) return { name: undefined, operations: [operationOf(part)], isSet: false }
    return { name: undefined, operations: partsOf(part.headers, part.body).map(operationOf), isSet: true }
  })
}

function isMultipart(headers: Headers): boolean {
  return /^multipart\/mixed/i.test(headers.get('content-type') ?? '')
}

function partsOf(headers: Headers, text: string): Part[] {
  const [, boundary] = /boundary="?([^";]+)"?/i.exec(headers.get('content-type') ?? '') ?? []
  const lines = text.split(/\r?\n/)
  const marks = lines.flatMap((line, i) =>
    line.trimEnd() === `--${boundary}` || line.trimEnd() === `--${boundary}--` ? [i] : [],
  )
  if (boundary === undefined || lines[marks.at(-1) ?? -1]?.trimEnd() !== `--${boundary}--`)
    throw new Refusal('bad-request', 'The multipart body has no end.')
  return marks.slice(0, -1).map((mark, i) => messageOf(lines.slice(mark + 1, marks[i + 1])))
}

function messageOf(lines: readonly string[]): Part {
  const from = lines[0] === '' ? 1 : 0
  const empty = lines.indexOf('', from)
  const end = empty < 0 ? lines.length : empty
  const headers = new Headers()
  for (const line of lines.slice(from, end)) {
    const at = line.indexOf(':')
    if (at < 1) throw new Refusal('bad-request', `'${line}' is no header.`)
    headers.append(line.slice(0, at).trim(), line.slice(at + 1).trim())
  }
  return { headers, body: lines.slice(end + 1).join(LINE) }
}

function operationOf({ headers: outer, body }: Part): Operation {
  const lines = body.split(LINE)
  const [, method, url] = /^([A-Z]+) (\S+) HTTP\/1\.1$/.exec(lines[0] ?? '') ?? []
  if (method === undefined || url === undefined)
    throw new Refusal('bad-request', `'${lines[0]}' begins no request.`)
  const { headers, body: text } = messageOf(lines.slice(1))
  const id = outer.get('content-id') ?? undefined
  return { id, method, url, headers, text: text.trim(), dependsOn: [] }
}

export function writeMultipartBatch(outcomes: readonly Outcome[]): Reply {
  const boundary = `batchresponse_${randomUUID()}`
  const parts = outcomes.map(({ item, replies, failed }) => {
    if (!item.isSet) return responseOf(item.operations[0]?.id, replies[0]!)
    // A change set that failed is one answer, not one for each of its requests.
    if (failed !== undefined) return responseOf(item.operations[failed]?.id, replies[failed]!)
    return changeSetOf(item, replies)
  })
  return {
    status: 200,
    headers: { 'content-type': `multipart/mixed; boundary=${boundary}` },
    text: joined(boundary, parts),
  }
}

function changeSetOf({ operations }: Item, replies: readonly Reply[]): string {
  const boundary = `changesetresponse_${randomUUID()}`
  const parts = replies.map((reply, i) => responseOf(operations[i]?.id, reply))
  return [`Content-Type: multipart/mixed; boundary=${boundary}`, '', joined(boundary, parts)].join(LINE)
}

function joined(boundary: string, parts: readonly string[]): string {
  return [...parts.flatMap((part) => [`--${boundary}`, part]), `--${boundary}--`, ''].join(LINE)
}

function responseOf(id: string | undefined, { status, headers = {}, body, text }: Reply): string {
  const content = text ?? (body === undefined ? '' : JSON.stringify(body))
  return [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...(id === undefined ? [] : [`Content-ID: ${id}`]),
    '',
    `HTTP/1.1 ${status} ${words[status] ?? 'Status'}`,
    ...(content === '' ? [] : ['Content-Type: application/json; odata.metadata=minimal']),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    content,
  ].join(LINE)
}

const words: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  404: 'Not Found',
  412: 'Precondition Failed',
}
