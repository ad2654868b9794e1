/**
 * All that passes over a socket.
 */
import type { ChangedEvent } from '@holdfast/client/protocol'
import type { Socket } from 'socket.io'
import type { Connection } from './connection.ts'
import type { OpenedSession } from './handshake.ts'

export interface ToClient {
  changed: (event: ChangedEvent) => void
}

/** `token`: a newer session token of the same caller. Acknowledged with its end (Unix ms). Unchecked until handled. */
export interface FromClient {
  renew: (token: unknown, acknowledge: unknown) => void
}

/** What hangs on a socket. `connection` from the moment that it is connected. */
export interface SocketState {
  opened: OpenedSession
  connection?: Connection
}

export type LiveSocket = Socket<FromClient, ToClient, Record<string, never>, SocketState>
