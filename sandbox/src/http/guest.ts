import { SERVICE_PATHS, type Service } from '../services.ts'
import type { Received } from './received.ts'

/** The beginning of a guest's paths, which tells its requests from those of its host: `/hubspot`. */
function guestPrefix(service: Service): string {
  return `/${SERVICE_PATHS[service].split('/')[1]}`
}

/** Takes what is meant for a guest. */
export function takesPath(service: Service): (path: string) => boolean {
  const prefix = guestPrefix(service)
  return (path) => path === prefix || path.startsWith(`${prefix}/`)
}

/** The request as the vendor knows it, with neither the prefix nor a slash at its end. */
export function withoutPrefix(service: Service, request: Received): Received {
  return { ...request, path: request.path.slice(guestPrefix(service).length).replace(/\/$/, '') }
}

/** The bearer token of a request, or `''`. */
export function bearerOf({ headers }: Pick<Received, 'headers'>): string {
  return /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
}
