/** Desks take requests that are worked on for hours or days: what a server has to know of one. */
export { defineDesk } from './desk.ts'
export type {
  Desk,
  DeskDefinition,
  DeskToolCall,
  DeskHook,
  DeskRuntime,
  DeskSchedule,
  NewRequest,
  OpenedRequest,
  ScheduledTime,
} from './desk.ts'
