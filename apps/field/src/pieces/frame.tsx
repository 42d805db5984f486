/** The frame around every page: the bar with the sync chip, and the ways to the other pages. */
import type { ReactNode } from 'react'
import { useCards } from '../decide/use-cards.ts'
import { useSync } from '../replica/use-states.ts'
import { hashOf, type Route } from '../route/route.ts'
import { SyncChip } from '../sync/sync-chip.tsx'
import { useFormat, useWords } from '../words/use-words.ts'
import { Icon, type IconName } from './icon.tsx'

type Way = {
  page: 'today' | 'outbox' | 'decide' | 'settings'
  icon: IconName
  count?: number
  calm?: boolean
}

export function Frame({ route, children }: { route: Route; children: ReactNode }) {
  const words = useWords()
  const sync = useSync()
  const cards = useCards()
  const ways: Way[] = [
    { page: 'today', icon: 'today' },
    { page: 'outbox', icon: 'outbox', count: sync?.pending ?? 0, calm: true },
    { page: 'decide', icon: 'decide', count: (sync?.aside ?? 0) + cards.length },
    { page: 'settings', icon: 'settings' },
  ]
  return (
    <div className="frame">
      <button
        type="button"
        className="skip"
        onClick={() => document.querySelector<HTMLElement>('h1')?.focus()}
      >
        {words.app.skip}
      </button>
      <header className="bar">
        <span className="brand">
          <Icon name="mast" />
          <span className="brand-name">{words.app.name}</span>
        </span>
        {sync?.credential && <SyncChip sync={sync} />}
      </header>
      <nav className="ways" aria-label={words.app.menu}>
        <ul>
          {ways.map((way) => (
            <li key={way.page}>
              <WayLink way={way} isHere={isBelow(route, way.page)} />
            </li>
          ))}
        </ul>
      </nav>
      <main className="page" id="content">
        {children}
      </main>
    </div>
  )
}

function WayLink({ way: { page, icon, count = 0, calm = false }, isHere }: { way: Way; isHere: boolean }) {
  const words = useWords()
  const format = useFormat()
  const href = page === 'today' ? '#/' : hashOf({ page })
  return (
    <a href={href} aria-current={isHere ? 'page' : undefined}>
      <span className="icon">
        <Icon name={icon} />
        {count > 0 && <span className={calm ? 'count calm' : 'count'}>{format.number(count)}</span>}
      </span>
      <span>{words.pages[page]}</span>
    </a>
  )
}

/** A page that is reached from another one belongs to that. */
function isBelow(route: Route, page: Way['page']): boolean {
  if (route.page === 'order' || route.page === 'history') return page === 'today'
  if (route.page === 'storage' || route.page === 'enrol') return page === 'settings'
  return route.page === page
}
