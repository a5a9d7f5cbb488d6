import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const server = process.env.STILLBOX_DEV_SERVER ?? 'http://127.0.0.1:8462'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss()],
  build: {
    // The server's Content-Security-Policy allows fonts and images as files only, so nothing is inlined.
    assetsInlineLimit: 0,
    // Newer than the default because the colour tokens use light-dark() and oklch() as they are.
    target: ['chrome123', 'firefox128', 'safari17.5'],
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // What changes with our dependencies only stays in the browser's cache over our own versions.
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules[\\/](\.pnpm[\\/])?(react|react-dom|scheduler)[@\\/]/, priority: 2 },
            { name: 'vendor', test: /node_modules/, priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/rpc', '/session', '/download', '/exports', '/methods', '/openapi.json'].map((path) => [path, server]),
    ),
  },
})
