/** Signing in with a code, or with a link that has it. */
import { useEffect, useId, useState } from 'react'
import { takeAskedFor } from '../enrol/asked-for.ts'
import { type EnrolEnd, type EnrolRefusal, enrol } from '../enrol/enrol.ts'
import { goOnWith, takeGoingOn } from '../enrol/going-on.ts'
import { OtherHub } from '../enrol/other-hub.tsx'
import { noteSignIn } from '../enrol/spent-way.ts'
import { Failed } from '../pieces/failed.tsx'
import { Page } from '../pieces/page.tsx'
import { Technical } from '../pieces/technical.tsx'
import { personName } from '../pieces/values.ts'
import { useReplica } from '../replica/replica-context.ts'
import { useAction } from '../replica/use-action.ts'
import { useSync } from '../replica/use-states.ts'
import { hashOf, TODAY } from '../route/route.ts'
import { replaceRoute } from '../route/use-route.ts'
import { isAllDelivered, type Left, noteAuthority, readReplicas, turnedTo } from '../start/replicas.ts'
import { useLeaving } from '../start/use-replicas.ts'
import { useWords } from '../words/use-words.ts'

/** Characters of a code with whatever people put between its letters. */
const CODE_LENGTH_MAX = 40

type Other = Extract<EnrolEnd, { kind: 'other-hub' }>

export function EnrolPage({ code: given }: { code: string }) {
  const words = useWords()
  const replica = useReplica()
  const sync = useSync()
  const subject = sync?.credential?.subject
  const isEnrolled = subject !== undefined
  const [code, setCode] = useState(given)
  const [refusal, setRefusal] = useState<EnrolRefusal | 'needs-code'>()
  const [other, setOther] = useState<Other & { left: Left }>()
  const leaving = useLeaving()
  const action = useAction()
  const [field, hint] = [useId(), useId()]
  const go = () => {
    if (code.trim() === '') return setRefusal('needs-code')
    action.run(async () => {
      setRefusal(undefined)
      setOther(undefined)
      const known = readReplicas().open.authority
      const end = await enrol(replica, { hub: location.origin }, { code, known })
      if (end.kind === 'signed-in') {
        noteAuthority(end.authority)
        noteSignIn()
        // Replaced, so that the code is not in the browser's history. Who had signed in before asked for nothing but that.
        replaceRoute(isEnrolled ? TODAY : takeAskedFor())
      } else if (end.kind === 'other-hub') await meet(end)
      else setRefusal(end)
    })
  }
  /** Whoever loses nothing by it is not asked. */
  const meet = async (end: Other) => {
    const left = await leaving.left()
    if (isAllDelivered(left.undelivered) && !end.isCodeUsed) startAfresh({ ...end, left })
    else setOther({ ...end, left })
  }
  const startAfresh = ({ authority, isCodeUsed, left }: Other & { left: Left }) => {
    if (!isCodeUsed) goOnWith(code)
    // Told to nobody: this page has ended.
    history.replaceState(null, '', hashOf({ page: 'enrol', code: isCodeUsed ? '' : code }))
    leaving.go((replicas) => turnedTo(replicas, authority, left))
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for the page that begins anew
  useEffect(() => {
    if (takeGoingOn(given)) go()
  }, [])
  return (
    <Page title={words.pages.enrol}>
      <p>{words.enrol.lead}</p>
      {isEnrolled && (
        <div className="banner">
          <div>
            <p>{words.enrol.again(personName(subject, words))}</p>
            {sync && sync.pending > 0 && <p>{words.enrol.waiting(sync.pending)}</p>}
          </div>
        </div>
      )}
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
          <div className="banner bad" role="alert">
            <p>{refusal === 'needs-code' ? words.enrol.needsCode : words.enrol.refusal[refusal.kind]}</p>
            {refusal !== 'needs-code' && refusal.kind === 'other' && <Technical said={refusal.words} />}
          </div>
        )}
        {other && <OtherHub {...other} fresh={() => startAfresh(other)} />}
        <Failed reason={action.failed} />
        <button type="submit" className="main" disabled={action.isRunning}>
          {action.isRunning ? words.enrol.going : words.enrol.go}
        </button>
      </form>
    </Page>
  )
}
