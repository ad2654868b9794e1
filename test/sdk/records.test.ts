import { memoryStorage } from '@holdfast/client'
import { expect, it } from 'vitest'
import { changeRecord, readRecord } from '../../client-sdk/src/device-state.ts'

it('a device writes nothing that it could not read again', async () => {
  const storage = memoryStorage()
  const first = { activeEpoch: 1, highestEpoch: 2 ** 31 }
  await changeRecord(storage, 'circle', () => first)
  for (const next of [
    { activeEpoch: 1, highestEpoch: 2 ** 31 + 1 },
    { activeEpoch: 0.5, highestEpoch: 1 },
    { activeEpoch: Number.NaN, highestEpoch: 1 },
    { ...first, other: 1 },
  ])
    await expect(changeRecord(storage, 'circle', () => next)).rejects.toMatchObject({ code: 'malformed' })
  expect(await readRecord(storage, 'circle')).toEqual(first)
})
