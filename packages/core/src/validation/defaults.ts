/** Options with every one of them there. */
export type Complete<Options> = { readonly [Key in keyof Options]-?: Exclude<Options[Key], undefined> }

/** Some of them; one that is `undefined` counts as left out. */
export type Some<Options> = { readonly [Key in keyof Options]?: Options[Key] | undefined }

/** `options` over `defaults`; an option that is `undefined` counts as left out, one that is 0 or `false` does not. */
export function withDefaults<Options extends object>(defaults: Complete<Options>, options: Options): Complete<Options> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return { ...defaults, ...Object.fromEntries(given) }
}
