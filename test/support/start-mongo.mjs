/**
 * Runs a command with MONGODB_URL set: `node test/support/start-mongo.mjs npm test`. Where it is set already, that server is
 * used; otherwise this starts a stand-in, and stops it afterwards.
 */
import { spawn } from 'node:child_process'
import { SECANTUS_VERSION, startSecantus } from './secantus.mjs'

const [command, ...args] = process.argv.slice(2)
if (command === undefined) throw new Error('usage: node test/support/start-mongo.mjs command [argument …]')

let started
if (process.env.MONGODB_URL === undefined) {
  try {
    started = await startSecantus()
    console.log(`records in MongoDB are tested on SecantusDB ${SECANTUS_VERSION}`)
  } catch (error) {
    console.log(`records in MongoDB are not tested: ${error.message}`)
  }
}
const env = started === undefined ? process.env : { ...process.env, MONGODB_URL: started.url }
const child = spawn(command, args, { stdio: 'inherit', env })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
const [code, signal] = await new Promise((resolve) => {
  child.once('error', () => resolve([127, null]))
  child.once('close', (...ended) => resolve(ended))
})
await started?.stop()
process.exitCode = signal === null ? code : 1
