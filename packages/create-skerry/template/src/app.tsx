/** The app: who is signed in sees the list. */
import type { LiveReplica } from '@skerry/live'
import { SkerryProvider, useSync } from '@skerry/react'
import { useEffect, useState } from 'react'
import { List } from './list.tsx'
import { Refused } from './refused.tsx'
import { signInByLinks } from './sign-in.ts'
import { SyncChip } from './sync-chip.tsx'

export function App({ replica }: { replica: LiveReplica }) {
  const [refused, setRefused] = useState<string>()
  useEffect(() => signInByLinks(replica, setRefused), [replica])
  return (
    <SkerryProvider replica={replica}>
      <header>
        <h1>my-app</h1>
        <SyncChip />
      </header>
      <main>
        {refused !== undefined && <p role="alert">Signing in: {refused}</p>}
        <Refused />
        <Signed />
      </main>
    </SkerryProvider>
  )
}

function Signed() {
  const { value: line } = useSync()
  if (!line) return <p>…</p>
  if (line.credential) return <List />
  return <p>This window is not signed in: open one of the links that npm start has printed.</p>
}
