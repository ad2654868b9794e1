/**
 * A wrong clock for one process, by Debian's faketime.
 */
import { existsSync, writeFileSync } from 'node:fs'

const LIBRARIES = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map(
  (system) => `/usr/lib/${system}/faketime/libfaketime.so.1`,
)
const library = (): string | undefined => LIBRARIES.find((path) => existsSync(path))

/** Why clocks cannot be set wrong here; null if they can. */
export const missingClock = (): string | null =>
  library() === undefined ? 'no faketime on this machine: install the Debian package of that name' : null

const offset = (ms: number): string => `${ms < 0 ? '-' : '+'}${Math.abs(ms) / 1000}s`

// Timers count by the other clock, which no machine sets.
const COMMON = { FAKETIME_DONT_FAKE_MONOTONIC: '1' } as const

/** Environment of a process that is so far ahead of the machine, ms. */
export const faked = (ms: number): Readonly<Record<string, string>> => ({
  ...COMMON,
  LD_PRELOAD: library() ?? '',
  FAKETIME: offset(ms),
})

/** The same, by what stands in a file at each look. */
export const fakedBy = (file: string): Readonly<Record<string, string>> => ({
  ...COMMON,
  LD_PRELOAD: library() ?? '',
  FAKETIME_TIMESTAMP_FILE: file,
  FAKETIME_NO_CACHE: '1',
})

export const setClock = (file: string, ms: number): void => writeFileSync(file, `${offset(ms)}\n`)
