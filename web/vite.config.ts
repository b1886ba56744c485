import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [svelte()],
  build: {
    // light-dark() and :has() as they are written.
    target: ['chrome123', 'firefox128', 'safari17.5'],
    // The content security policy allows files, not data: URLs.
    assetsInlineLimit: 0,
    // `/assets/UID` is a page.
    assetsDir: 'static',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  // `npm run dev` shows a running `inventar serve`.
  server: { proxy: { '/api': process.env.INVENTAR_URL ?? 'http://127.0.0.1:7070' } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
