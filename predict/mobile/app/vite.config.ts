import { defineConfig } from "vite";

// Everything is written to dist, which the Go program embeds. Nothing is inlined:
// the server's content policy allows neither inline scripts nor inline styles.
export default defineConfig({
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/v1": "http://127.0.0.1:8080" },
  },
});
