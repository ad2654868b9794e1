/**
 * Live events over Socket.IO, as a transport for `watch`. A subpath of its own, since its client is larger than the SDK.
 */
import { io } from 'socket.io-client'
import { changedEvent } from './protocol/events.ts'
import type { LiveTransport } from './watch.ts'

const FIRST_RETRY_MS = 1000
const LONGEST_RETRY_MS = 60_000

export const socketTransport: LiveTransport = ({ url, token, onEvent, onConnected }) => {
  let refused = false
  let wait = FIRST_RETRY_MS
  const socket = io(url, {
    transports: ['websocket'],
    auth: (give) => {
      token(refused).then(
        (current) => give({ token: current }),
        () => give({}),
      )
    },
  })
  let retry: ReturnType<typeof setTimeout> | undefined
  const connectAgain = (): void => {
    clearTimeout(retry)
    retry = setTimeout(() => socket.connect(), wait)
    // A device that was revoked is refused for good: it must not ask every second.
    wait = Math.min(2 * wait, LONGEST_RETRY_MS)
  }
  socket.on('connect', () => {
    refused = false
    wait = FIRST_RETRY_MS
    onConnected(true)
  })
  // The service ends a session's sockets with the session; Socket.IO does not come back from that by itself.
  socket.on('disconnect', (reason) => {
    onConnected(false)
    if (reason !== 'io server disconnect') return
    refused = true
    connectAgain()
  })
  socket.on('connect_error', () => {
    if (socket.active) return
    refused = true
    connectAgain()
  })
  socket.on('changed', (message: unknown) => {
    const event = changedEvent.safeParse(message)
    if (event.success) onEvent(event.data)
  })
  return () => {
    clearTimeout(retry)
    socket.disconnect()
  }
}
