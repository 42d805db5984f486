/** What this device's user can choose, and what this device is. */
import type { LiveIdentity } from '@skerry/live'
import { useId } from 'react'
import { isNetworkTold } from '../photos/send-when.ts'
import { Failed } from '../pieces/failed.tsx'
import { Page } from '../pieces/page.tsx'
import { personName } from '../pieces/values.ts'
import { useReplica } from '../replica/replica-context.ts'
import { useAction } from '../replica/use-action.ts'
import { useAsked } from '../replica/use-asked.ts'
import { useSync } from '../replica/use-states.ts'
import { useWanted } from '../replica/use-wanted.ts'
import { themes } from '../settings/settings.ts'
import { useSettings } from '../settings/use-settings.ts'
import { APP_VERSION } from '../start/version.ts'
import { type Language, languages } from '../words/languages.ts'
import { useFormat, useWords } from '../words/use-words.ts'

export function SettingsPage() {
  const words = useWords()
  const { settings, choose } = useSettings()
  return (
    <Page title={words.pages.settings}>
      <Offline />
      <Switch
        label={words.settings.large}
        why={words.settings.largeWhy}
        isOn={settings.large}
        turn={(large) => choose({ large })}
      />
      <Switch
        label={words.settings.wifiOnly}
        why={isNetworkTold(navigator.connection) ? words.settings.wifiOnlyWhy : words.settings.wifiNotTold}
        isOn={settings.wifiOnly}
        turn={(wifiOnly) => choose({ wifiOnly })}
      />
      <label className="stack">
        {words.settings.language}
        <select
          value={settings.language}
          onChange={(event) => choose({ language: event.target.value as Language })}
        >
          {Object.entries(languages).map(([language, { name }]) => (
            <option key={language} value={language} lang={language}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label className="stack">
        {words.settings.theme}
        <select
          value={settings.theme}
          onChange={(event) =>
            choose({ theme: themes.find((theme) => theme === event.target.value) ?? 'system' })
          }
        >
          {themes.map((theme) => (
            <option key={theme} value={theme}>
              {words.settings.themes[theme]}
            </option>
          ))}
        </select>
      </label>
      <Switch
        label={words.settings.devtools}
        why={words.settings.devtoolsWhy}
        isOn={settings.devtools}
        turn={(devtools) => choose({ devtools })}
      />
      <div className="buttons">
        <a className="button" href="#/storage">
          {words.settings.storage}
        </a>
        <a className="button" href="#/enrol">
          {words.settings.signIn}
        </a>
      </div>
      <Device />
    </Page>
  )
}

interface SwitchProps {
  label: string
  why: string
  isOn: boolean
  isDisabled?: boolean
  turn(isOn: boolean): void
}

function Switch({ label, why, isOn, isDisabled, turn }: SwitchProps) {
  const hint = useId()
  return (
    <div>
      <label className="tick">
        <input
          type="checkbox"
          role="switch"
          aria-checked={isOn}
          aria-describedby={hint}
          checked={isOn}
          disabled={isDisabled}
          onChange={(event) => turn(event.target.checked)}
        />
        <span>{label}</span>
      </label>
      <p id={hint} className="soft">
        {why}
      </p>
    </div>
  )
}

function Offline() {
  const words = useWords()
  const replica = useReplica()
  const sync = useSync()
  const action = useAction()
  const { shown, want } = useWanted(sync?.phase === 'off', action.isRunning)
  return (
    <>
      <Switch
        label={words.settings.offline}
        why={words.settings.offlineWhy}
        isOn={shown}
        isDisabled={!sync}
        turn={(isOn) => {
          want(isOn)
          action.run(() => replica.setOffline(isOn))
        }}
      />
      <Failed reason={action.failed} />
    </>
  )
}

function Device() {
  const words = useWords()
  const format = useFormat()
  const replica = useReplica()
  const sync = useSync()
  const identity = useAsked<LiveIdentity>('identity', () => replica.identity).value
  const { subject, read } = sync?.credential ?? {}
  const facts: [string, string][] = [
    [words.settings.subject, subject === undefined ? words.settings.notSignedIn : personName(subject, words)],
    [words.settings.areas, read ? format.list(read.map((channel) => channel.replace(/^state:/, ''))) : '–'],
    [words.settings.node, identity?.node ?? '–'],
    [words.settings.space, identity?.space ?? '–'],
    [words.settings.version, APP_VERSION],
  ]
  return (
    <section className="stack">
      <h2>{words.settings.device}</h2>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
