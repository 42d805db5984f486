import { describe, expect, it } from 'vitest'
import { dialError, retryAfterMs, statusError } from './dial-error.ts'
import { RETRY_AFTER_MS_MAX } from './limits.ts'
import { linkUrl } from './url.ts'

const URL_TRIED = 'wss://hub.example/sync'

describe('D1 why it did not open', () => {
  it.each([
    ['ENOTFOUND', 'dns-failed'],
    ['EAI_AGAIN', 'dns-failed'],
    ['ECONNREFUSED', 'connection-refused'],
    ['ENETUNREACH', 'network-unreachable'],
    ['ECONNRESET', 'connection-reset'],
    ['ETIMEDOUT', 'connect-timeout'],
    ['CERT_HAS_EXPIRED', 'tls-expired'],
    ['CERT_NOT_YET_VALID', 'tls-expired'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls-failed'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls-failed'],
    ['EPROTO', 'tls-failed'],
    ['HPE_INVALID_CONSTANT', 'http-unexpected'],
  ])('%s is %s', (system, code) => {
    const cause = Object.assign(new Error('what the system said'), { code: system })
    const error = dialError(URL_TRIED, cause)
    expect(error.code).toBe(code)
    expect(error.message).toContain(URL_TRIED)
    expect(error.cause).toBe(cause)
  })

  it.each([
    [200, 'captive-portal'],
    [302, 'captive-portal'],
    [511, 'captive-portal'],
    [401, 'http-unauthorized'],
    [407, 'http-unauthorized'],
    [403, 'http-forbidden'],
    [429, 'http-too-many'],
    [502, 'http-unavailable'],
    [503, 'http-unavailable'],
    [404, 'http-unexpected'],
    [500, 'http-unexpected'],
  ])('HTTP %i is %s', (status, code) => {
    expect(statusError(URL_TRIED, status, {}, 0).code).toBe(code)
  })
})

it.each([
  ['7', 7_000],
  [' 7 ', 7_000],
  ['0', 0],
  ['3600', RETRY_AFTER_MS_MAX],
  ['3601', RETRY_AFTER_MS_MAX],
  ['Thu, 01 Jan 1970 00:00:30 GMT', 20_000],
  ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
  ['soon', undefined],
  [undefined, undefined],
])('R3 Retry-After %s at 10 s is %s ms', (header, ms) => {
  expect(retryAfterMs(header, 10_000)).toBe(ms)
})

describe('D3 the address', () => {
  it.each([
    'hub.example',
    'https://hub.example/sync',
    'wss://hub.example/sync#x',
    'wss://ana:secret@hub.example/',
  ])('refuses %s', (url) => {
    expect(() => linkUrl(url)).toThrow(expect.objectContaining({ code: 'url-invalid' }))
  })

  it('does not repeat a password', () => {
    expect(() => linkUrl('wss://ana:secret@hub.example/')).not.toThrow(/secret/)
  })

  it('takes ws and wss', () => {
    expect(linkUrl('wss://hub.example/sync?space=north')).toBe('wss://hub.example/sync?space=north')
    expect(linkUrl('ws://127.0.0.1:8080')).toBe('ws://127.0.0.1:8080/')
  })
})
