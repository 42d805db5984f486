/** The hub: relay and authority of a space, over one port. */

export { configMistakes } from './config-mistakes.ts'
export { closeServer, httpServer, listen } from './http-server.ts'
export { HubError, type HubErrorCode } from './hub-error.ts'
export { createLog, type Level, type Logger, type LogOptions, levels } from './log.ts'
export { ProblemError, problemResponse } from './problem.ts'
export { readBody, readQuery } from './request-body.ts'
export { readSecret, writeSecret } from './secret-file.ts'
export { type AdminToken, adminToken, adminTokenPath, authorityPath, loadAuthority } from './secrets.ts'
export type { HubConfig, HubSettings } from './settings.ts'
export { type DeviceRequest, type Hub, type HubOptions, startHub } from './start-hub.ts'
export type { RecordThreshold, StreamSettings } from './stream-settings.ts'
