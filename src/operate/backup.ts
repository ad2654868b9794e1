/**
 * `npm run backup`: copies records and keys to folders, apart from each other, while the service runs or not.
 */
import { randomUUID } from 'node:crypto'
import { sep } from 'node:path'
import { dataPaths } from '../data-folder.ts'
import { BackupInTheWay, prepareFolder, writeBackup, type Manifest } from '../store/backup/folder.ts'
import { readArguments } from './arguments.ts'
import { openSource, type Source } from './backup-source.ts'
import { EXIT, configure, end, say } from './command.ts'

const USAGE = `Usage: npm run backup -- --records-to FOLDER --keys-to FOLDER

Each folder must be empty or not there. One of the two alone is a backup of that part. They belong in different places: whoever has
both, and the key that seals at rest, can release what is in them. --together allows one folder within the other.`

const args = readArguments(process.argv.slice(2), {
  paths: ['--records-to', '--keys-to'],
  flags: ['--together'],
  usage: USAGE,
})
const [recordsTo, keysTo] = [args.path('--records-to'), args.path('--keys-to')]
if (recordsTo === null && keysTo === null) end(USAGE, EXIT.usage)
const within = (one: string, other: string): boolean => one === other || one.startsWith(other + sep)
if (recordsTo !== null && keysTo !== null) {
  const isOne = recordsTo === keysTo
  const isNested = within(recordsTo, keysTo) || within(keysTo, recordsTo)
  if (isOne || (isNested && !args.has('--together')))
    end('Records and keys go to different places, so that whoever finds one has not got both.', EXIT.usage)
}

const tell = (part: string, { lines, bytes }: Manifest, to: string): void =>
  say(`${part}: ${lines} lines, ${bytes} bytes, in ${to}`)

const run = async (source: Source): Promise<void> => {
  const set = randomUUID()
  for (const folder of [recordsTo, keysTo]) if (folder !== null) await prepareFolder(folder)
  if (recordsTo !== null) {
    const { generation, lines } = source.records
    const facts = { part: 'records', engine: source.engine, set, generation } as const
    tell('records', await writeBackup(recordsTo, facts, lines), recordsTo)
  }
  if (keysTo !== null) {
    const facts = { part: 'keys', engine: source.engine, set, generation: 0 } as const
    tell('keys', await writeBackup(keysTo, facts, source.keys()), keysTo)
  }
}

const config = configure([])
let source: Source | undefined
try {
  source = await openSource(config.mongoUrl, dataPaths(config.dataFolder))
  await run(source)
  await source.close()
} catch (error) {
  await source?.close().catch(() => undefined)
  if (error instanceof BackupInTheWay) end(error.message, EXIT.usage)
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  const isMissing = code === 'ENOENT' && config.mongoUrl === null
  end(
    isMissing
      ? `There are no records in ${config.dataFolder}.`
      : `The backup failed (${typeof code === 'string' ? code : 'unknown'}), and is none: it has no manifest.`,
    EXIT.failed,
  )
}
