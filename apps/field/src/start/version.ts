/** The build, as the bundler was told it (vite.config.ts): a number that grows, so that of two builds that are open at once the older one gives way. */

declare const __APP_BUILD__: number

export const APP_BUILD = __APP_BUILD__

export const APP_VERSION = `0.1.0 (${APP_BUILD})`
