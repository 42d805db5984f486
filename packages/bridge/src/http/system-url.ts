/** The address of a system, where a config writes it, and where a call is about to be made: what no client of HTTP asks anything of is a mistake of the config, and nothing is sent. */
import * as z from 'zod'
import { isLinkLocal } from './address.ts'

/** https://fetch.spec.whatwg.org/#port-blocking: ports of other protocols, which must not be spoken to in HTTP. */
const blockedPorts = new Set(
  `1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532
  540 548 554 556 563 587 601 636 989 990 993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080`.split(
    /\s+/,
  ),
)

/** What is wrong with an address; undefined for one that can be called. */
export function wrongAddress(address: string): string | undefined {
  const url = URL.parse(address)
  if (!url) return 'it is no URL'
  if (!/^https?:$/.test(url.protocol)) return `'${url.protocol}' is not http or https`
  if (url.username !== '' || url.password !== '') return 'a name and password do not belong into a URL'
  if (blockedPorts.has(url.port))
    return `no client of HTTP calls port ${url.port}, which is another protocol's`
  return undefined
}

export const systemUrlSchema = z
  .url({ protocol: /^https?$/, abort: true })
  .refine((url) => !isLinkLocal(url), 'a link-local address is no system to write to')
  .superRefine((url, context) => {
    const message = wrongAddress(url)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
