/** Who received the work, with a drawing or without: a typed name is a signature too, for whoever cannot draw here. */
import { sign, signatureOf } from '@skerry/field-service/one-value'
import { useId, useState } from 'react'
import { Failed } from '../pieces/failed.tsx'
import { useWords } from '../words/use-words.ts'
import type { Order } from './order.ts'
import { PAD_HEIGHT, PAD_WIDTH, SignaturePad } from './signature-pad.tsx'
import { useEdit } from './use-edit.ts'

/** Characters of a name. */
const NAME_LENGTH_MAX = 120

export function SignatureField({ order }: { order: Order }) {
  const words = useWords()
  const { edit, failed } = useEdit(order)
  const signature = signatureOf(order)
  if (!signature)
    return (
      <>
        <Sign
          sign={(name, drawing) =>
            edit((draft) => {
              sign(draft, { name, at: Date.now(), ...(drawing !== '' && { drawing }) })
            })
          }
        />
        <Failed reason={failed} />
      </>
    )
  return (
    <>
      {signature.drawing !== undefined && (
        <svg
          className="pad"
          viewBox={`0 0 ${PAD_WIDTH} ${PAD_HEIGHT}`}
          role="img"
          aria-label={words.signature.drawn}
        >
          <path d={signature.drawing} />
        </svg>
      )}
      <p>{words.signature.by(signature.name, signature.at)}</p>
      <button
        type="button"
        onClick={() =>
          edit((draft) => {
            sign(draft, undefined)
          })
        }
      >
        {words.signature.remove}
      </button>
      <Failed reason={failed} />
    </>
  )
}

function Sign({ sign }: { sign(name: string, drawing: string): void }) {
  const words = useWords()
  const [path, setPath] = useState('')
  const [name, setName] = useState('')
  const [isAsked, setAsked] = useState(false)
  const [field, hint, reason] = [useId(), useId(), useId()]
  const isLacking = isAsked && name.trim() === ''
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() === '') return setAsked(true)
        sign(name.trim(), path)
      }}
    >
      <SignaturePad path={path} drawn={setPath} />
      <label htmlFor={field}>{words.signature.name}</label>
      <input
        id={field}
        autoComplete="off"
        maxLength={NAME_LENGTH_MAX}
        aria-describedby={isLacking ? `${hint} ${reason}` : hint}
        aria-invalid={isLacking}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <p id={hint} className="soft">
        {words.signature.typed}
      </p>
      {isLacking && (
        <p id={reason} className="banner bad" role="alert">
          {words.signature.needsName}
        </p>
      )}
      <div className="buttons">
        <button type="submit">{words.signature.sign}</button>
        {path !== '' && (
          <button type="button" onClick={() => setPath('')}>
            {words.signature.clear}
          </button>
        )}
      </div>
    </form>
  )
}
