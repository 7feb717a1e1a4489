/** `Sun, 06 Nov 1994 08:49:37 GMT`, the form to send, and `Sunday, 06-Nov-94 08:49:37 GMT`. */
const WITH_ZONE = /^[a-z]{3,9}, \d\d[ -][a-z]{3}[ -](\d\d){1,2} [\d:]{8} gmt$/i
/** `Sun Nov  6 08:49:37 1994`. */
const WITHOUT_ZONE = /^[a-z]{3} [a-z]{3} [ \d]\d [\d:]{8} \d{4}$/i

/**
 * Milliseconds since the Unix epoch of an HTTP date, in any of the three forms that a recipient must accept (RFC 9110, 5.6.7); `NaN`
 * when it is none. The engines read them all; left alone they would read much else, and the last one as local time.
 */
export function parseHttpDate(text: string): number {
  return Date.parse(WITH_ZONE.test(text) ? text : WITHOUT_ZONE.test(text) ? `${text} GMT` : 'none')
}
