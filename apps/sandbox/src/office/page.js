/** The office page: loads types and records, then follows the feed. After a break it simply loads everything again. */
import { RecordTable } from './table.js'

const callsMax = 40

const user = document.querySelector('#user')
const live = document.querySelector('#live')
const notice = document.querySelector('#notice')
const calls = document.querySelector('#calls')
const noCalls = document.querySelector('#no-calls')

async function json(path, init) {
  const response = await fetch(path, init)
  const body = await response.json()
  if (!response.ok) throw new Error(body.detail ?? `answered ${response.status}`)
  return body
}

const api = {
  load: (type, search) => json(`/office/rows/${type}?search=${encodeURIComponent(search)}`),
  /** undefined when saved, else why not. */
  save: async (type, id, name, value) => {
    try {
      await json(`/office/rows/${type}/${id}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ fields: { [name]: value }, user: user.value.trim() || 'office' }),
      })
      return undefined
    } catch (error) {
      return error.message
    }
  },
}

function showCalls(entries) {
  const items = entries.map(callItem)
  calls.prepend(...items)
  while (calls.children.length > callsMax) calls.lastElementChild.remove()
  noCalls.hidden = calls.children.length > 0
}

function callItem(entry) {
  const item = document.createElement('li')
  item.append(
    part('time', new Date(entry.time).toLocaleTimeString()),
    part('method', entry.method),
    part('path', entry.path),
    part(entry.status >= 200 && entry.status < 400 ? 'status' : 'status failed', entry.status || 'cut'),
    part('effect', effectOf(entry)),
  )
  return item
}

function effectOf({ operations, fields, committed, created, fault, client, requestBytes, responseBytes }) {
  const committedCount = operations.filter((operation) => operation.committed).length
  const what = created ? 'created' : 'updated'
  const wrote =
    operations.length > 1
      ? `${committedCount} of ${operations.length} committed`
      : [what, ...fields].join(' ')
  return [
    client ?? 'no client',
    committed ? wrote : operations.length > 0 ? 'nothing changed' : 'read',
    `${requestBytes} B in, ${responseBytes} B out`,
    fault ? `fault: ${fault}` : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

function part(className, text) {
  const span = document.createElement('span')
  span.className = className
  span.textContent = String(text)
  return span
}

/** News is shown once per frame, however fast it comes. */
function framed(show) {
  let waiting = []
  return (item) => {
    waiting.push(item)
    if (waiting.length > 1) return
    requestAnimationFrame(() => {
      const items = waiting
      waiting = []
      show(items)
    })
  }
}

async function start() {
  // Nothing in the list takes focus, so the list itself must, or the keyboard could not scroll it.
  calls.parentElement.tabIndex = 0
  const { types } = await json('/office/types')
  const tables = new Map(types.map((type) => [type.name, new RecordTable(type, api)]))
  const order = [...tables.keys()].sort((a, b) => b.localeCompare(a))
  document.querySelector('#types').append(...order.map((name) => tables.get(name).section))

  const loadAll = async () => {
    for (const table of tables.values()) await table.load()
    const tail = await json('/office/calls')
    calls.replaceChildren()
    showCalls(tail.calls)
  }
  const onChange = framed((changes) => {
    for (const change of changes) tables.get(change.type)?.apply(change)
  })
  const onCall = framed((entries) => showCalls(entries.slice(-callsMax).reverse()))

  const feed = new EventSource('/events')
  feed.addEventListener('open', () => {
    live.textContent = 'Live'
    live.classList.add('on')
    loadAll().catch(showFailure)
  })
  feed.addEventListener('error', () => {
    live.textContent = 'Reconnecting'
    live.classList.remove('on')
  })
  feed.addEventListener('change', (event) => onChange(JSON.parse(event.data)))
  feed.addEventListener('call', (event) => onCall(JSON.parse(event.data)))
  feed.addEventListener('reload', () => loadAll().catch(showFailure))
}

function showFailure(error) {
  notice.textContent = `The records could not be loaded: ${error.message}`
  notice.hidden = false
}

start().catch(showFailure)
