/**
 * Which request the link is about: `#<account>.<recovery>`. The fragment never left the browser.
 */
export interface Link {
  readonly account: string
  readonly recovery: string
}

/** Null for anything but two ids. */
export const readLink = (fragment: string): Link | null => {
  const [, account, recovery] = /^#([\w-]{22})\.([\w-]{22})$/.exec(fragment) ?? []
  return account === undefined || recovery === undefined ? null : { account, recovery }
}
