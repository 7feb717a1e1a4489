import { createWebhooks } from '@holdfast/agents/webhooks'
import { openStore } from '@holdfast/store/database'

/** Sends the events of a tenant until it is killed. */
const [url = '', tenant = ''] = process.argv.slice(2)
const store = await openStore({ url })
await createWebhooks({ store, tenants: [tenant], allowHttp: true, allowPrivateAddresses: true }).start()
