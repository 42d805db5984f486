/** What page and worker call each other by. */
declare const __BUILD__: number

/** Of the database in the browser, and of the worker. */
export const NAME = 'my-app'

/** Grows with every build (vite.config.ts), so that of two that are open at once the older one gives way. */
export const BUILD = __BUILD__
