/** How the page is built: page and worker, and a service worker that keeps both for when there is no network. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

/** Bytes: the merge engine is the largest file, at 2.5 MB. */
const KEPT_BYTES_MAX = 8_000_000

export default defineConfig({
  root: import.meta.dirname,
  define: { __BUILD__: Math.floor(Date.now() / 1_000) },
  build: { target: 'es2023', rolldownOptions: { checks: { bundlerTimings: false } } },
  worker: { format: 'es' },
  plugins: [
    react(),
    VitePWA({
      // By src/keep-page.ts.
      injectRegister: false,
      manifest: {
        name: 'my-app',
        short_name: 'my-app',
        display: 'standalone',
        icons: [{ src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' }],
      },
      workbox: {
        skipWaiting: true,
        clientsClaim: true,
        globPatterns: ['**/*.{html,js,css,wasm,svg,webmanifest}'],
        maximumFileSizeToCacheInBytes: KEPT_BYTES_MAX,
        // The hub's own addresses.
        navigateFallbackDenylist: [/^\/(api|sync|livez|readyz|metrics)(\/|$)/],
      },
    }),
  ],
})
