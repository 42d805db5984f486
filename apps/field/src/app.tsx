/** The app: settings, the replica, and the page of the address. */

import type { PageBlobs } from '@skerry/blobs'
import type { LiveReplica } from '@skerry/live'
import { SkerryProvider } from '@skerry/react'
import { useEffect, useLayoutEffect, useMemo, useState } from 'react'
import { CardsProvider, useWatchedCards } from './decide/use-cards.ts'
import { Devtools } from './devtools/devtools.tsx'
import { noteAskedFor } from './enrol/asked-for.ts'
import { isSpentWay } from './enrol/spent-way.ts'
import { DecidePage } from './pages/decide-page.tsx'
import { EnrolPage } from './pages/enrol-page.tsx'
import { HistoryPage } from './pages/history-page.tsx'
import { NewPage } from './pages/new-page.tsx'
import { OrderPage } from './pages/order-page.tsx'
import { OutboxPage } from './pages/outbox-page.tsx'
import { SettingsPage } from './pages/settings-page.tsx'
import { StoragePage } from './pages/storage-page.tsx'
import { TodayPage } from './pages/today-page.tsx'
import { tellWhenToSend } from './photos/send-when.ts'
import { PhotosContext } from './photos/use-photo.ts'
import { Frame } from './pieces/frame.tsx'
import { Page } from './pieces/page.tsx'
import { Waiting } from './pieces/waiting.tsx'
import { noteSubject } from './replica/own-subject.ts'
import { useSync, useToldSync } from './replica/use-states.ts'
import { type Route, TODAY } from './route/route.ts'
import { replaceRoute, useRoute } from './route/use-route.ts'
import {
  applySettings,
  changeSettings,
  onSettings,
  readSettings,
  type Settings,
} from './settings/settings.ts'
import { SettingsContext } from './settings/use-settings.ts'
import { ownReplica } from './start/replicas.ts'
import { StartBanners } from './start/start-banners.tsx'
import { PortalLook } from './sync/portal.ts'
import { PortalContext } from './sync/use-portal.ts'
import { languages, spokenIn } from './words/languages.ts'
import { SpokenContext, useWords } from './words/use-words.ts'

export function App({ replica, photos }: { replica: LiveReplica; photos: PageBlobs }) {
  const [settings, setSettings] = useState(() => readSettings(navigator.languages))
  const spoken = useMemo(() => spokenIn(settings.language, navigator.languages), [settings.language])
  const chosen = useMemo(() => {
    const choose = (change: Partial<Settings>) => setSettings(changeSettings(change, navigator.languages))
    return { settings, choose }
  }, [settings])
  useEffect(() => onSettings(() => setSettings(readSettings(navigator.languages))), [])
  useLayoutEffect(() => applySettings(settings, languages[settings.language].direction), [settings])
  const [portal] = useState(() => new PortalLook({ hub: location.origin }))
  const { wifiOnly } = settings
  // biome-ignore lint/correctness/useExhaustiveDependencies: told again whenever it is chosen
  useEffect(() => tellWhenToSend(ownReplica(), navigator.connection), [wifiOnly])
  return (
    <SettingsContext value={chosen}>
      <SpokenContext value={spoken}>
        <SkerryProvider replica={replica}>
          <PhotosContext value={photos}>
            <PortalContext value={portal}>
              <Pages />
            </PortalContext>
            {settings.devtools && <Devtools />}
          </PhotosContext>
        </SkerryProvider>
      </SpokenContext>
    </SettingsContext>
  )
}

function Pages() {
  const route = useRoute()
  const cards = useWatchedCards()
  const sync = useSync()
  const me = sync?.credential?.subject
  useEffect(() => noteSubject(me), [me])
  const isSignedOut = sync !== undefined && sync.credential === undefined
  useEffect(() => {
    if (isSignedOut) noteAskedFor(route)
  }, [isSignedOut, route])
  useLayoutEffect(() => {
    if (route.page === 'enrol' && isSpentWay()) replaceRoute(TODAY)
  }, [route])
  return (
    <CardsProvider value={cards}>
      <Frame route={route}>
        <StartBanners />
        <PageOf route={route} />
      </Frame>
    </CardsProvider>
  )
}

function PageOf({ route }: { route: Route }) {
  switch (route.page) {
    case 'today':
      return <Today search={route.search} />
    case 'order':
      return <OrderPage key={route.id} id={route.id} />
    case 'history':
      return <HistoryPage key={route.id} id={route.id} />
    case 'enrol':
      return <EnrolPage key={route.code} code={route.code} />
    case 'new':
      return <NewPage />
    case 'outbox':
      return <OutboxPage />
    case 'decide':
      return <DecidePage />
    case 'storage':
      return <StoragePage />
    case 'settings':
      return <SettingsPage />
    case 'unknown':
      return <Unknown />
  }
}

/** A device that nobody has signed in on has no orders: there the way in comes first. */
function Today({ search }: { search: URLSearchParams }) {
  const words = useWords()
  const { value: sync, error: failed } = useToldSync()
  if (!sync) return <Page title={words.pages.today}>{!failed && <Waiting />}</Page>
  return sync.credential ? <TodayPage search={search} /> : <EnrolPage code="" />
}

function Unknown() {
  const words = useWords()
  return (
    <Page title={words.app.notFound}>
      <a className="button" href="#/">
        {words.app.toToday}
      </a>
    </Page>
  )
}
