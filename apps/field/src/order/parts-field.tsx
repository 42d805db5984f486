/** Parts used: a row each, counted. */
import { useState } from 'react'
import { Failed } from '../pieces/failed.tsx'
import { useFormat, useWords } from '../words/use-words.ts'
import type { Order } from './order.ts'
import { useEdit } from './use-edit.ts'

export function PartsField({ order }: { order: Order }) {
  const words = useWords()
  const { edit, failed } = useEdit(order)
  const count = (sku: string, by: number) =>
    edit((draft) => {
      const part = draft.parts.find((row) => row.sku === sku)
      if (part) part.qty = Math.max(0, part.qty + by)
      else draft.parts.push({ sku, qty: by })
    })
  return (
    <>
      {order.parts.length === 0 && <p className="soft">{words.order.noParts}</p>}
      <ul className="rows">
        {order.parts.map(({ sku, qty }) => (
          <li key={sku}>
            <Part sku={sku} qty={qty} count={(by) => count(sku, by)} />
          </li>
        ))}
      </ul>
      {order.parts
        .filter(({ qty }) => qty < 0)
        .map(({ sku, qty }) => (
          <p key={sku} className="banner warn" role="status">
            {words.order.quantityBelowZero(sku, qty)}
          </p>
        ))}
      <AddPart add={(sku) => count(sku, 1)} />
      <Failed reason={failed} />
    </>
  )
}

interface PartProps {
  sku: string
  qty: number
  count(by: number): void
}

function Part({ sku, qty, count }: PartProps) {
  const words = useWords()
  const format = useFormat()
  return (
    <>
      <span className="row-name">{sku}</span>
      <div className="stepper">
        <button
          type="button"
          aria-label={words.order.partFewer(sku)}
          disabled={qty <= 0}
          onClick={() => count(-1)}
        >
          −
        </button>
        <output aria-label={words.order.quantity(sku)}>{format.number(qty)}</output>
        <button type="button" aria-label={words.order.partMore(sku)} onClick={() => count(1)}>
          +
        </button>
      </div>
    </>
  )
}

/** Characters of a part number: what the office's system takes. */
const SKU_LENGTH_MAX = 64

function AddPart({ add }: { add(sku: string): void }) {
  const words = useWords()
  const [sku, setSku] = useState('')
  return (
    <form
      className="add"
      onSubmit={(event) => {
        event.preventDefault()
        if (sku.trim() === '') return
        add(sku.trim())
        setSku('')
      }}
    >
      <input
        aria-label={words.order.part}
        placeholder={words.order.part}
        maxLength={SKU_LENGTH_MAX}
        autoCapitalize="off"
        autoComplete="off"
        value={sku}
        onChange={(event) => setSku(event.target.value)}
      />
      <button type="submit">{words.order.addPart}</button>
    </form>
  )
}
