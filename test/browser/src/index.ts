/** Code of ours in a real Chromium, driven from vitest. */
export { BrowserPage, type OpenOptions } from './browser-page.ts'
export { type Built, type BuiltOptions, built } from './built.ts'
export { Chromium, type ChromiumOptions, chromium, newProfile, removeProfile } from './chromium.ts'
export { chromiumPath, whereThereIsChromium } from './lack.ts'
export { atMostMs, isQuiet } from './quiet.ts'
export { type Served, type ServedOptions, served } from './served.ts'
export { testsInPage } from './tests-in-page.ts'
