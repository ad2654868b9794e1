/**
 * Every way of a cluster that a network can break.
 */
import { openLink, type Link } from './link.ts'

interface PerRole {
  readonly api: Link
  readonly worker: Link
}

export interface Links {
  /** From people to each process that answers. */
  readonly client: readonly Link[]
  readonly store: PerRole
  readonly queue: PerRole
  close(): Promise<void>
}

/** Ports of the parts. */
export interface Places {
  readonly api: readonly number[]
  readonly store: number
  readonly queue: number
}

export const openLinks = async ({ api, store, queue }: Places): Promise<Links> => {
  const perRole = async (port: number): Promise<PerRole> => ({
    api: await openLink(port),
    worker: await openLink(port),
  })
  const links = {
    client: await Promise.all(api.map(openLink)),
    store: await perRole(store),
    queue: await perRole(queue),
  }
  return {
    ...links,
    async close() {
      const { client, store: stores, queue: queues } = links
      const all = [...client, stores.api, stores.worker, queues.api, queues.worker]
      await Promise.all(all.map((link) => link.close()))
    },
  }
}
