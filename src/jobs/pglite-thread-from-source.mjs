// Only for running from sources (tests): Node 20 cannot load TypeScript in a thread. The built service starts
// pglite-thread.js itself.
import { tsImport } from 'tsx/esm/api'

await tsImport('./pglite-thread.ts', import.meta.url)
