import { openStore } from '@holdfast/store/database'
import { describeWebhooks } from './contract.ts'

describeWebhooks('PGlite', () => openStore())
