/**
 * The ways to reach people who are not connected, as far as they are configured.
 */
import { CHANNEL_NAMES, type ChannelName, type Secret } from '@holdfast/client/protocol'
import type { App } from '../config-apps.ts'
import type { NoticesConfig } from '../config-notices.ts'
import type { Channels, Destination, SendOutcome, Telling } from '../use-cases/channels.ts'
import { openMail } from './mail.ts'
import type { Sender } from './message.ts'
import { failed } from './outcome.ts'
import { openPoster } from './post.ts'
import { sendPush } from './push.ts'
import { vapidKeys } from './vapid.ts'
import { sendWebhook } from './webhook.ts'

export interface OpenChannels extends Channels {
  /** Offered to no app, since nothing was configured for them. */
  readonly missing: readonly ChannelName[]
  /** Cuts what is under way and keeps no connection. */
  close(): void
}

export interface ChannelsOptions {
  /** 32 bytes from which the key that browsers subscribe with follows. */
  readonly vapidSeed: Secret
  /** Certificate (PEM) that is trusted instead of the system's; for tests. */
  readonly ca?: string
}

const MISCONFIGURED = failed('misconfigured', true)

/** Opens nothing yet: connections are made when there is something to tell. */
export const openChannels = (
  { publicUrl, mail: mailConfig, push: pushConfig, development }: NoticesConfig,
  apps: readonly App[],
  { vapidSeed, ca }: ChannelsOptions,
): OpenChannels => {
  const known = new Map(apps.map((app) => [app.app, app]))
  const mail = mailConfig === null ? null : openMail(mailConfig, ca)
  const keys = pushConfig === null ? null : vapidKeys(vapidSeed)
  const toPublic = openPoster(development ? 'anywhere' : 'public', ca)
  const toPrivate = openPoster('anywhere', ca)

  const senderOf = (app: string): Sender => {
    const { name = app, url = null } = known.get(app) ?? {}
    return { name, appUrl: url, publicUrl }
  }
  const send = async (to: Destination, telling: Telling): Promise<SendOutcome> => {
    if (to.channel === 'mail')
      return mail === null ? MISCONFIGURED : mail.send(to.address, telling, senderOf(telling.app))
    if (to.channel === 'push')
      return pushConfig === null || keys === null
        ? MISCONFIGURED
        : sendPush(to, telling, { config: pushConfig, keys, poster: toPublic })
    const webhook = known.get(telling.app)?.webhook
    if (webhook === undefined) return MISCONFIGURED
    return sendWebhook(webhook, telling, webhook.isPrivate ? toPrivate : toPublic)
  }

  const offered = (app: string): ReadonlySet<ChannelName> => {
    const names = new Set<ChannelName>()
    if (mail !== null) names.add('mail')
    if (keys !== null) names.add('push')
    if (known.get(app)?.webhook !== undefined) names.add('webhook')
    return names
  }
  const anywhere = new Set(apps.flatMap(({ app }) => [...offered(app)]))

  return {
    missing: CHANNEL_NAMES.filter((name) => !anywhere.has(name)),
    pushKey: keys?.publicKey ?? null,
    offered,
    send,
    close() {
      mail?.close()
      toPublic.close()
      toPrivate.close()
    },
  }
}
