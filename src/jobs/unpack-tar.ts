/**
 * Unpacks a tar archive of plain files and folders (POSIX ustar) as it streams in: nothing but the current block is held
 * in memory, because the archive of an empty Postgres is ten times as large unpacked as packed.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const BLOCK = 512
const FOLDER = '5'

interface Entry {
  readonly path: string
  readonly size: number
  readonly type: string
}

const text = (block: Buffer, from: number, length: number): string => {
  const field = block.subarray(from, from + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end === -1 ? length : end)
}

/** Null for the empty block that ends an archive. */
const readEntry = (block: Buffer): Entry | null => {
  const name = text(block, 0, 100)
  if (name === '') return null
  const size = Number.parseInt(text(block, 124, 12).trim(), 8)
  const path = normalize(join('/', text(block, 345, 155), name))
  if (!Number.isSafeInteger(size) || size < 0) throw new Error('broken archive')
  return { path, size, type: text(block, 156, 1) }
}

/** Writes every entry below `folder`, which must not hold them yet. Files get mode 0600, folders 0700. */
export const unpackTar = async (archive: AsyncIterable<Uint8Array>, folder: string): Promise<void> => {
  const folders = new Set<string>()
  const makeFolder = (path: string) => {
    if (folders.has(path)) return
    mkdirSync(path, { recursive: true, mode: 0o700 })
    folders.add(path)
  }
  makeFolder(folder)
  let held: Buffer = Buffer.alloc(0)
  let file: number | null = null
  let bodyLeft = 0
  let paddingLeft = 0
  try {
    for await (const chunk of archive) {
      held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk])
      for (;;) {
        if (bodyLeft > 0) {
          const part = held.subarray(0, bodyLeft)
          if (part.length === 0) break
          if (file !== null) writeSync(file, part)
          bodyLeft -= part.length
          held = held.subarray(part.length)
          continue
        }
        if (file !== null) {
          closeSync(file)
          file = null
        }
        if (held.length < paddingLeft + BLOCK) break
        held = held.subarray(paddingLeft)
        const entry = readEntry(held)
        held = held.subarray(BLOCK)
        paddingLeft = 0
        if (entry === null) return
        const path = join(folder, entry.path)
        makeFolder(entry.type === FOLDER ? path : dirname(path))
        if (entry.type === FOLDER) continue
        file = openSync(path, 'wx', 0o600)
        bodyLeft = entry.size
        paddingLeft = (BLOCK - (entry.size % BLOCK)) % BLOCK
      }
    }
    throw new Error('archive ends early')
  } finally {
    if (file !== null) closeSync(file)
  }
}
