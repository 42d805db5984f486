/** What core's host must do in a browser; run in Node, whose WebCrypto is that of browsers, and in a page. */
import {
  runHostContract,
  runLongWaitContract,
  runSetClockContract,
  runSignatureContract,
} from '@skerry/contract/host'
import { describe } from 'vitest'
import { browserHost } from './host.ts'

const host = browserHost()

export function hostSuite(): void {
  runHostContract(host)
  runLongWaitContract(host)
  runSetClockContract(host)
  describe('Ed25519 by the browser', () => runSignatureContract(host))
  describe('Ed25519 by code, where the browser lacks the curve', () =>
    runSignatureContract(browserHost({ subtle: null })))
}
