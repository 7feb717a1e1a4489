/** Delivery sends what waits in a journal until whoever should have it confirms it. */
export { createDelivery } from './create-delivery.ts'
export type { Delivery, DeliverySnapshot, Send, SendContext } from './delivery.ts'
export type { DeliveryEvent, DeliveryFailed, DeliveryGivenUp, DeliverySucceeded } from './events.ts'
export { idempotencyKeyOf } from './idempotency-key.ts'
export { DELIVERY_DEFAULTS } from './options.ts'
export type { DeliveryOptions } from './options.ts'
