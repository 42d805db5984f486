export const config = { space: 'acme', collections: {} }
