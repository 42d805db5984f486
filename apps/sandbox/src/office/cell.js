/** One value of one record: shown as text, edited in place. Values only ever reach the page as text, never as markup. */

const blank = '–'

/** Digits after the point that a reader needs: 0.00001 degrees is one metre. Editing shows them all. */
const decimalsShown = 5

function shownValue(field, value) {
  if (value === undefined || value === null || value === '') return blank
  if (field.kind === 'number') return String(Number(value.toFixed(decimalsShown)))
  if (field.kind !== 'list') return String(value)
  return value.length === 0 ? blank : value.map((item) => Object.values(item).join(' × ')).join(', ')
}

/** Room a field wants: prose may wrap but not to a ribbon, numbers and choices stay on one line. */
export function widthClass(field) {
  if (field.kind === 'list' || field.lengthMax > 200) return 'long'
  return field.kind === 'string' && field.lengthMax > 40 ? '' : 'short'
}

/**
 * Fills `td` with the value; a list is read-only here, its editor would be another page. A cell that is there already is
 * only given the new text, so that it keeps the focus.
 */
export function showCell(td, { label, field, value, editable, onEdit }) {
  const text = shownValue(field, value)
  const cell = cellOf(td, editable && field.kind !== 'list' ? 'button' : 'div')
  cell.className = text === blank ? 'cell value blank' : 'cell value'
  cell.firstElementChild.textContent = text
  cell.onclick = null
  if (cell instanceof HTMLButtonElement) {
    cell.setAttribute('aria-label', `${label}: ${text === blank ? 'empty' : text}. Edit`)
    cell.onclick = onEdit
  }
}

function cellOf(td, name) {
  const present = td.firstElementChild
  if (present?.localName === name) return present
  const cell = document.createElement(name)
  if (cell instanceof HTMLButtonElement) cell.type = 'button'
  cell.append(document.createElement('span'))
  td.replaceChildren(cell)
  return cell
}

/**
 * Turns `td` into a one-field form. Enter saves, Escape leaves; a refusal stays visible beside the field.
 * `save(value)` resolves to undefined when saved, or to the reason why not.
 */
export function editCell(td, { label, field, value, save, leave }) {
  const form = document.createElement('form')
  const input = inputFor(field, value)
  const reason = document.createElement('p')
  input.setAttribute('aria-label', label)
  reason.setAttribute('role', 'alert')
  form.append(input, reason)
  let saving = false

  const submit = async () => {
    const next = valueIn(field, input)
    if (next === (value ?? null)) return leave()
    saving = true
    const refusal = await save(next)
    saving = false
    if (refusal === undefined) return leave()
    reason.textContent = refusal
    input.setAttribute('aria-invalid', 'true')
    input.focus()
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    submit()
  })
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') leave()
    if (event.key === 'Enter' && !event.shiftKey && input instanceof HTMLTextAreaElement) {
      event.preventDefault()
      submit()
    }
  })
  if (input instanceof HTMLSelectElement) input.addEventListener('change', submit)
  input.addEventListener('blur', () => {
    if (!saving && reason.textContent === '') submit()
  })
  td.replaceChildren(form)
  input.focus()
}

function inputFor(field, value) {
  if (field.kind === 'enum') return selectOf(field.values, value)
  if (field.kind === 'boolean') return selectOf(['true', 'false'], value)
  const long = field.kind === 'string' && field.lengthMax > 200
  const input = document.createElement(long ? 'textarea' : 'input')
  if (field.kind === 'number') input.inputMode = 'decimal'
  input.value = value === undefined ? '' : String(value)
  return input
}

function selectOf(values, value) {
  const select = document.createElement('select')
  for (const option of ['', ...values]) select.add(new Option(option === '' ? blank : option, option))
  select.value = value === undefined ? '' : String(value)
  return select
}

/** An emptied field is removed (`null`); what is no number goes to the CRM as text, so that the CRM says why not. */
function valueIn(field, input) {
  const text = input.value.trim()
  if (text === '') return null
  if (field.kind === 'number') return Number.isFinite(Number(text)) ? Number(text) : text
  return field.kind === 'boolean' ? text === 'true' : text
}
