/**
 * The records of one type as a table (cards on a phone). A changed record is updated where it stands, so that nothing jumps
 * under the reader; one not yet listed comes in at the top.
 */
import { editCell, showCell, widthClass } from './cell.js'

const rowsMax = 60
/** Milliseconds for which a change stays marked. */
const freshMs = 4_000

export class RecordTable {
  #type
  #api
  #section
  #body
  #count
  #empty
  #search
  #rows = new Map()
  #counts = { rows: 0, deleted: 0 }

  /** `api` has `load(type, search)` and `save(type, id, name, value)`. */
  constructor(type, api) {
    this.#type = type
    this.#api = api
    this.#build()
  }

  get section() {
    return this.#section
  }

  async load() {
    const { rows, counts } = await this.#api.load(this.#type.name, this.#search.value.trim())
    this.#rows.clear()
    this.#body.replaceChildren()
    for (const row of rows) this.#body.append(this.#rowOf(row).tr)
    this.#counts = counts
    this.#showCount()
  }

  /** One change of one record, as the feed tells it. */
  apply({ row, kind, changed }) {
    this.#recount(kind)
    let shown = this.#rows.get(row.id)
    if (!shown) {
      if (!this.#matches(row)) return
      shown = this.#rowOf(row)
      this.#body.prepend(shown.tr)
      this.#trim()
    }
    shown.row = row
    this.#fill(shown)
    mark(shown.tr)
    for (const name of kind === 'created' ? [] : changed) {
      if (shown.cells.has(name)) mark(shown.cells.get(name))
    }
    this.#showCount()
  }

  #recount(kind) {
    if (kind === 'created' || kind === 'undeleted') this.#counts.rows++
    if (kind === 'deleted') this.#counts.rows--
    if (kind === 'deleted') this.#counts.deleted++
    if (kind === 'undeleted') this.#counts.deleted--
    this.#showCount()
  }

  #matches(row) {
    const search = this.#search.value.trim().toLowerCase()
    return (
      search === '' || JSON.stringify([row.id, row.externalId, row.fields]).toLowerCase().includes(search)
    )
  }

  #trim() {
    while (this.#rows.size > rowsMax) {
      const last = this.#body.lastElementChild
      this.#rows.delete(last.dataset.id)
      last.remove()
    }
  }

  #rowOf(row) {
    const tr = document.createElement('tr')
    tr.dataset.id = row.id
    const key = factsCell('Record')
    const news = factsCell('Changed')
    const cells = new Map(
      Object.entries(this.#type.fields).map(([name, field]) => [name, fieldCell(name, field)]),
    )
    tr.append(key, news, ...cells.values())
    const shown = { tr, row, key, news, cells, editing: null }
    this.#rows.set(row.id, shown)
    this.#fill(shown)
    return shown
  }

  #fill(shown) {
    const { tr, row, key, news, cells } = shown
    tr.classList.toggle('deleted', row.deleted)
    facts(key, row.id, row.externalId ?? 'no external id', 'key')
    const time = new Date(row.modifiedAt).toLocaleTimeString()
    facts(news, `${row.deleted ? 'deleted' : `version ${row.version}`}`, `${row.modifiedBy}, ${time}`)
    for (const [name, td] of cells) {
      if (shown.editing !== name) this.#fillCell(shown, name, td)
    }
  }

  #fillCell(shown, name, td) {
    showCell(td, {
      label: `${words(name)} of ${shown.row.id}`,
      field: this.#type.fields[name],
      value: shown.row.fields[name],
      editable: !shown.row.deleted,
      onEdit: () => this.#edit(shown, name, td),
    })
  }

  #edit(shown, name, td) {
    shown.editing = name
    editCell(td, {
      label: `${words(name)} of ${shown.row.id}`,
      field: this.#type.fields[name],
      value: shown.row.fields[name],
      save: (value) => this.#api.save(this.#type.name, shown.row.id, name, value),
      leave: () => {
        if (shown.editing !== name) return
        shown.editing = null
        const hadFocus = td.contains(document.activeElement)
        this.#fillCell(shown, name, td)
        if (hadFocus) td.querySelector('button')?.focus()
      },
    })
  }

  #showCount() {
    const { rows, deleted } = this.#counts
    const more = rows + deleted > this.#rows.size ? `, ${this.#rows.size} listed` : ''
    this.#count.textContent = `${rows.toLocaleString()} in all${more}`
    this.#empty.hidden = this.#rows.size > 0
  }

  #build() {
    const { name, fields } = this.#type
    const titleId = `title-${name}`
    const title = element('h2', '', words(name))
    title.id = titleId
    this.#count = element('p', 'count', '')
    this.#search = element('input', '', '')
    this.#search.type = 'search'
    this.#search.placeholder = `Find in ${name}`
    this.#search.setAttribute('aria-label', `Find in ${name}`)
    this.#search.addEventListener('input', () => this.load())
    const head = element('div', 'section-head', '')
    head.append(title, this.#count, this.#search)

    const table = element('table', '', '')
    table.setAttribute('aria-labelledby', titleId)
    const titles = table.createTHead().insertRow()
    for (const text of ['Record', 'Changed', ...Object.keys(fields).map(words)]) {
      const th = element('th', '', text)
      th.scope = 'col'
      titles.append(th)
    }
    this.#body = table.createTBody()
    this.#empty = element('p', 'empty', `No ${name} here yet.`)
    const scroll = element('div', 'scroll', '')
    scroll.append(table, this.#empty)
    this.#section = element('section', '', '')
    this.#section.setAttribute('aria-labelledby', titleId)
    this.#section.append(head, scroll)
  }
}

/** `accountExternalId` reads as `Account external id`. */
function words(name) {
  const spaced = name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll('_', ' ')
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

function element(name, className, text) {
  const made = document.createElement(name)
  if (className) made.className = className
  made.textContent = text
  return made
}

function labelledCell(label) {
  const td = document.createElement('td')
  td.dataset.label = label
  return td
}

function fieldCell(name, field) {
  const td = labelledCell(words(name))
  td.className = widthClass(field)
  return td
}

function factsCell(label) {
  const td = labelledCell(label)
  td.className = 'facts'
  return td
}

function facts(td, main, detail, className = '') {
  const lines = document.createElement('div')
  lines.append(element('span', className, main), element('small', '', detail))
  td.replaceChildren(lines)
}

/** Marks a changed place, then lets the mark fade. */
function mark(place) {
  clearTimeout(place.freshTimer)
  place.classList.remove('settling')
  place.classList.add('fresh')
  place.freshTimer = setTimeout(() => {
    place.classList.add('settling')
    place.classList.remove('fresh')
  }, freshMs)
}
