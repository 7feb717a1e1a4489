/** Takes secrets out of a text. */
export type Redact = (text: string) => string

/** Replaces every secret, also as it looks inside JSON, by `[secret]`. The last gate before a log. */
export function createRedact(secrets: readonly string[]): Redact {
  const forms = [...new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))]
    .filter((form) => form !== '')
    // The longest first, in case one is a part of another.
    .toSorted((a, b) => b.length - a.length)
  return (text) => forms.reduce((all, form) => (all.includes(form) ? all.replaceAll(form, '[secret]') : all), text)
}
