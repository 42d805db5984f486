/** The list, a form that adds to it, and a form for each record. */
import { useDraft, useEdits, useRecords, useSaved } from '@skerry/react'
import { type FormEvent, useState } from 'react'
import { visits } from './collections.ts'

export function List() {
  const { state, records, error } = useRecords(visits, (all) => all.orderBy('title'))
  if (state === 'loading') return <p>…</p>
  return (
    <>
      <AddForm />
      {error && <p role="alert">{error.message}</p>}
      <ul>
        {records.map(({ id }) => (
          <Item key={id} id={id} />
        ))}
      </ul>
      {records.length === 0 && <p>Nothing here yet.</p>}
    </>
  )
}

function AddForm() {
  const { create } = useEdits(visits)
  const [title, setTitle] = useState('')
  const [refused, setRefused] = useState<string>()
  async function add(event: FormEvent) {
    event.preventDefault()
    try {
      await create({ title: title.trim(), done: false, notes: '' })
      setTitle('')
      setRefused(undefined)
    } catch (error) {
      setRefused(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <form onSubmit={add}>
      <input
        aria-label="Title"
        placeholder="What is to be done?"
        required
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <button type="submit">Add</button>
      {refused !== undefined && <p role="alert">{refused}</p>}
    </form>
  )
}

/** What is typed is saved by itself. */
function Item({ id }: { id: string }) {
  const { record, change, error } = useDraft(visits, id)
  const { remove } = useEdits(visits)
  const { words } = useSaved(visits, id)
  if (!record) return null
  return (
    <li>
      <label>
        <input
          type="checkbox"
          checked={record.done}
          onChange={(event) => {
            const { checked } = event.target
            change((draft) => {
              draft.done = checked
            })
          }}
        />
        {record.title}
      </label>
      <textarea
        aria-label={`Notes on ${record.title}`}
        value={record.notes}
        onChange={(event) => {
          const { value } = event.target
          change((draft) => {
            draft.notes = value
          })
        }}
      />
      <footer>
        <small>{error ? error.message : words}</small>
        <button type="button" onClick={() => remove(id)}>
          Delete
        </button>
      </footer>
    </li>
  )
}
