export { type TrytonAdapterOptions, TrytonConfigError } from './config.ts'
export { trytonAdapter } from './tryton-adapter.ts'
