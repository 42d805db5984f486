/** The host's contract with Ed25519 from where a browser may have it: in Node, whose WebCrypto is that of browsers, and in a page. */
import { hostContract, signatureContract } from '@skerry/contract/host'
import { describe } from 'vitest'
import { browserHost } from './host.ts'

export function hostSuite(): void {
  describe('Ed25519 by the browser', () => signatureContract(browserHost()))
  describe('Ed25519 by code, where the browser lacks the curve', () =>
    signatureContract(browserHost({ subtle: null })))
  hostContract(browserHost())
}
