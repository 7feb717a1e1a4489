import { generateKeyPairSync } from 'node:crypto'
import type { ServiceAccountKey } from '../src/google-auth/index.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })

/** Who holds it can check what {@link SERVICE_ACCOUNT} has signed. */
export const PUBLIC_KEY: typeof publicKey = publicKey

/** A service account of which nobody knows, with a key made for this run. */
export const SERVICE_ACCOUNT: ServiceAccountKey = {
  clientEmail: 'desk@charter-desk.iam.gserviceaccount.com',
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  privateKeyId: 'key-1',
}

/** A line of the private key that no error may hold. */
export const KEY_LINE: string = SERVICE_ACCOUNT.privateKey.split('\n')[3] ?? ''
