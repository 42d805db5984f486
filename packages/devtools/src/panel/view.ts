/** What a tab of the panel is, and what all of them are given. */
import type { Inspect, LiveReplica, Stop } from '@skerry/live'
import type { Changing } from '../models/changing.ts'
import type { Chosen } from '../models/records-model.ts'
import { h } from './dom.ts'

export const tabNames = ['Log', 'Records', 'History', 'Concurrent', 'Sessions', 'Network'] as const
export type TabName = (typeof tabNames)[number]

export interface PanelContext {
  replica: LiveReplica
  /** Absent: the app was given none. */
  inspect: Inspect | undefined
  collections: Changing<readonly string[]>
  /** Why the collections are not known. */
  failed: Changing<string | undefined>
  chosen: Changing<Chosen | undefined>
  go(tab: TabName): void
}

export interface View {
  readonly element: HTMLElement
  /** It is looked at from now on, until what is returned is called. */
  show(): Stop
}

function note(text: string, kind: 'soft' | 'bad' = 'soft'): HTMLElement {
  return h('p', {
    class: kind === 'bad' ? 'note bad' : 'note',
    text,
    role: kind === 'bad' ? 'alert' : undefined,
  })
}

/** A place for what failed; empty and hidden otherwise. */
export class Failure {
  readonly element = h('p', { class: 'note bad', role: 'alert', hidden: true })

  show(words: string | undefined): void {
    this.element.hidden = words === undefined
    if (this.element.textContent !== (words ?? '')) this.element.textContent = words ?? ''
  }
}

const NO_INSPECT =
  'This page was given no inspection of the replica. mountDevtools takes it as `inspect`: inspectTabs(replica) of @skerry/tabs/inspect.'

/** In place of a tab that needs the inspection. */
export function withoutInspect(): View {
  return { element: h('div', { class: 'view' }, note(NO_INSPECT)), show: () => () => undefined }
}

/** Where a tab is about one record and there is none. */
export function noneChosen(go: () => void): HTMLElement {
  const link = h('button', {
    type: 'button',
    class: 'link',
    text: 'Choose one in Records',
    on: { click: go },
  })
  return h('p', { class: 'note' }, 'No record is chosen. ', link, '.')
}
