/** Events of the store for those who watch: replayed from the last one they have, then as they come. */
export { createEvents } from './create-events.ts'
export { EVENTS_DEFAULTS } from './options.ts'
export { subscribe, SUBSCRIPTION_DEFAULTS } from './subscribe.ts'
export type { OwedEvent, SubscribeOptions, Subscription } from './subscribe.ts'
export type { Events, EventsOptions, ReadOptions, TopicEvent } from './options.ts'
