/** Types of secantus.mjs, which is plain JavaScript since it also runs before anything is installed. */
export interface Secantus {
  /** Of the server, without a database. */
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

export declare const SECANTUS_VERSION: string
export declare const installSecantus: () => void
export declare const secantusCommand: (options: {
  readonly port: number
  readonly storage?: string
  readonly cacheSize?: string
  readonly clockFile?: string
}) => { readonly command: string; readonly args: string[]; readonly env: NodeJS.ProcessEnv }
export declare const startSecantus: (options?: {
  /** Of memory, as WiredTiger names it; 128M unless given. What is in memory must fit. */
  readonly cacheSize?: string
  readonly clockFile?: string
}) => Promise<Secantus>
