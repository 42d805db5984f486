/** Signing in with a code, or with a link that has it. */
import { useId, useState } from 'react'
import { type EnrolRefusal, enrol } from '../enrol/enrol.ts'
import { Failed } from '../pieces/failed.tsx'
import { Page } from '../pieces/page.tsx'
import { useReplica } from '../replica/replica-context.ts'
import { useAction } from '../replica/use-action.ts'
import { useSync } from '../replica/use-states.ts'
import { goTo } from '../route/use-route.ts'
import { useWords } from '../words/use-words.ts'

/** Characters of a code with whatever people put between its letters. */
const CODE_LENGTH_MAX = 40

export function EnrolPage({ code: given }: { code: string }) {
  const words = useWords()
  const replica = useReplica()
  const isEnrolled = useSync()?.credential !== undefined
  const [code, setCode] = useState(given)
  const [refusal, setRefusal] = useState<EnrolRefusal | 'needs-code'>()
  const action = useAction()
  const [field, hint] = [useId(), useId()]
  const go = () => {
    if (code.trim() === '') return setRefusal('needs-code')
    action.run(async () => {
      const refused = await enrol(replica, location.origin, code)
      setRefusal(refused)
      if (!refused) goTo({ page: 'today', search: new URLSearchParams() })
    })
  }
  return (
    <Page title={words.pages.enrol}>
      <p>{words.enrol.lead}</p>
      {isEnrolled && <p className="banner">{words.enrol.again}</p>}
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          go()
        }}
      >
        <label htmlFor={field}>{words.enrol.code}</label>
        <input
          id={field}
          className="code"
          autoCapitalize="characters"
          autoComplete="one-time-code"
          spellCheck={false}
          maxLength={CODE_LENGTH_MAX}
          aria-describedby={hint}
          aria-invalid={refusal !== undefined}
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
        <p id={hint} className="soft">
          {words.enrol.codeHint}
        </p>
        {refusal !== undefined && (
          <p className="banner bad" role="alert">
            {refusalWords(refusal, words)}
          </p>
        )}
        <Failed reason={action.failed} />
        <button type="submit" className="main" disabled={action.isRunning}>
          {action.isRunning ? words.enrol.going : words.enrol.go}
        </button>
      </form>
    </Page>
  )
}

function refusalWords(refusal: EnrolRefusal | 'needs-code', words: ReturnType<typeof useWords>): string {
  if (refusal === 'needs-code') return words.enrol.needsCode
  return refusal.kind === 'other'
    ? words.enrol.refusal.other(refusal.words)
    : words.enrol.refusal[refusal.kind]
}
