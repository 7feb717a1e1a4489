import type { ServiceAddress } from '@holdfast/ai'

/** An address, with those of its credentials that are set. */
export function address(
  url: string,
  credentials: Readonly<Record<string, string | undefined>>,
  settings: Readonly<Record<string, string>>,
  sandbox: boolean,
): ServiceAddress {
  const set = Object.entries(credentials).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { url, credentials: Object.fromEntries(set), settings, sandbox }
}

/** Whether e-mail goes by a mail server there, and not by an API. */
export function isSmtp(url: string): boolean {
  return /^smtps?:/.test(url)
}
