/** Starts a browser, says which, and waits to be killed. */
import { chromium } from '@skerry/browser-test'

const { pid } = await chromium()
console.log(pid)
setInterval(() => undefined, 60_000)
