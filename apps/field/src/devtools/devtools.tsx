/** The panel of @skerry/devtools below the app, loaded when it is switched on: who never does, loads none of it. */
import type { Stop } from '@skerry/live'
import { useEffect, useRef, useState } from 'react'
import { Failed } from '../pieces/failed.tsx'
import { useReplica } from '../replica/replica-context.ts'
import { useSettings } from '../settings/use-settings.ts'

export function Devtools() {
  const replica = useReplica()
  const { settings, choose } = useSettings()
  const [failed, setFailed] = useState<string>()
  const place = useRef<HTMLDivElement>(null)
  const close = useRef(() => {})
  close.current = () => choose({ devtools: false })
  useEffect(() => {
    let unmount: Stop = () => undefined
    let isGone = false
    const mount = async () => {
      const [{ mountDevtools }, { inspectTabs }] = await Promise.all([
        import('@skerry/devtools'),
        import('@skerry/tabs/inspect'),
      ])
      if (isGone || !place.current) return
      unmount = mountDevtools(place.current, {
        replica,
        inspect: inspectTabs(replica),
        theme: settings.theme,
        resized: (px) => document.documentElement.style.setProperty('--devtools-height', `${px}px`),
        closed: () => close.current(),
      })
    }
    mount().catch((error: Error) => setFailed(error.message))
    return () => {
      isGone = true
      unmount()
    }
  }, [replica, settings.theme])
  return (
    <>
      <div ref={place} />
      <Failed reason={failed} />
    </>
  )
}
