// @vitest-environment happy-dom
/** Settings of two windows of one browser. */
import { beforeEach, expect, test } from 'vitest'
import { changeSettings, onSettings, readSettings } from './settings.ts'

const KEY = 'field.settings'

beforeEach(() => localStorage.clear())

test('what another window has chosen meanwhile stays, when this one chooses something else', () => {
  readSettings(['en'])
  localStorage.setItem(KEY, JSON.stringify({ language: 'de', wifiOnly: true }))
  expect(changeSettings({ large: true }, ['en'])).toMatchObject({
    language: 'de',
    wifiOnly: true,
    large: true,
  })
  expect(readSettings(['en'])).toMatchObject({ language: 'de', wifiOnly: true, large: true })
})

test('what another window chooses is told, until nobody listens; what else it keeps is not', () => {
  let told = 0
  const stop = onSettings(() => {
    told += 1
  })
  const hear = (key: string | null) => window.dispatchEvent(new StorageEvent('storage', { key }))
  hear(KEY)
  expect(told).toBe(1)
  hear('field.touched')
  expect(told).toBe(1)
  hear(null)
  expect(told).toBe(2)
  stop()
  hear(KEY)
  expect(told).toBe(2)
})
