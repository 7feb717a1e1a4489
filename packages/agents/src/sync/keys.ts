import type { JsonValue } from './record.ts'

/** An e-mail address as a key: without spaces around it, in small letters. `undefined` for what is none. */
export function emailKey(value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'string') return undefined
  const address = value.normalize('NFKC').trim().toLowerCase()
  return /^[^\s@]+@[^\s@]+$/.test(address) ? address : undefined
}

/** The registration of an aircraft as a key: capital letters and digits alone, so `n-123ab` is `N123AB`. `undefined` for fewer than 3 of them, or more than 10. */
export function tailNumberKey(value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'string') return undefined
  const tail = value.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
  return tail.length >= 3 && tail.length <= 10 ? tail : undefined
}

/** The number that a vendor has for something, as a key of that vendor. `undefined` where one of both is missing. */
export function vendorKey(vendor: JsonValue | undefined, number: JsonValue | undefined): string | undefined {
  if (typeof vendor !== 'string' || (typeof number !== 'string' && typeof number !== 'number')) return undefined
  const [name, id] = [vendor.trim().toLowerCase(), String(number).trim()]
  return name === '' || id === '' ? undefined : JSON.stringify([name, id])
}
