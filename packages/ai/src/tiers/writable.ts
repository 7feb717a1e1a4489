/** The same, to be filled field by field: on the way of every answer an object that is spread costs more than a field that is set. */
export type Writable<T> = { -readonly [Name in keyof T]: T[Name] }
