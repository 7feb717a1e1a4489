/** `options` over `defaults`; an option that is `undefined` counts as left out, one that is 0 or `false` does not. */
export function withDefaults<Options extends object>(
  defaults: Readonly<Required<Options>>,
  options: Options,
): Required<Options> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return { ...defaults, ...Object.fromEntries(given) }
}
