/** How the app is built: page and worker, the engine beside them, and a service worker that has the list of all of it. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

/** Bytes: the engine is the largest file there is, at 2.5 MB. */
const PRECACHED_BYTES_MAX = 8_000_000

/** Seconds since 1970, unless a release says what it is: of two builds the newer one is the greater. */
const build = Number(process.env.SKERRY_APP_BUILD ?? Math.floor(Date.now() / 1_000))

const outDir = process.env.SKERRY_APP_OUT ?? 'dist'

export default defineConfig({
  root: import.meta.dirname,
  define: { __APP_BUILD__: JSON.stringify(build) },
  build: { outDir, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0, sourcemap: false },
  worker: { format: 'es' },
  plugins: [
    react(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/offline',
      filename: 'sw.ts',
      injectRegister: false,
      registerType: 'prompt',
      manifestFilename: 'app.webmanifest',
      manifest: {
        name: 'Skerry field service',
        short_name: 'Field service',
        description: 'Work orders for technicians, with or without a network',
        id: '/',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        background_color: '#ffffff',
        theme_color: '#004d5a',
        icons: [
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
      injectManifest: {
        globPatterns: ['**/*.{html,js,css,wasm,svg,png,webmanifest}'],
        maximumFileSizeToCacheInBytes: PRECACHED_BYTES_MAX,
        // With its hash in the list, what a captive portal answers in a file's place is never taken for it.
        manifestTransforms: [
          async (entries) => ({
            manifest: entries.map((entry) => ({ ...entry, integrity: integrityOf(entry.url) })),
            warnings: [],
          }),
        ],
      },
    }),
  ],
})

function integrityOf(url: string): string {
  const bytes = readFileSync(join(resolve(import.meta.dirname, outDir), url))
  return `sha256-${createHash('sha256').update(bytes).digest('base64')}`
}
