/**
 * A process of its own with a file storage, for the tests that kill it or give it no room:
 * node storage-child.ts count <path> | grow <path>
 */
import { fileStorage } from '@holdfast/client/node'

const [role = '', path = ''] = process.argv.slice(2)
const storage = fileStorage(path)

if (role === 'count') {
  // Says each number once it is stored.
  for (let i = 1; ; i += 1) {
    await Promise.all([storage.set('count', String(i)), storage.set('twin', String(i))])
    process.stdout.write(`${i}\n`)
  }
}

if (role === 'grow') {
  await storage.set('small', 'kept')
  const refused = await storage.set('large', 'x'.repeat(100_000)).then(
    () => 'stored',
    (error: unknown) => (error as { code: string }).code,
  )
  await storage.set('after', 'room again')
  process.stdout.write(
    JSON.stringify({ refused, small: await storage.get('small'), large: await storage.get('large') }),
  )
}
