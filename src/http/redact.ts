export const REDACTED = '[redacted]'

/** Words that suggest a credential anywhere in the name of a header or parameter: `x-api-key`, `client_secret`. */
const PARTS = [
  ...['key', 'token', 'secret', 'auth', 'bearer', 'jwt', 'credential', 'cookie', 'session', 'sessid', 'signature'],
  ...['passw', 'passphrase', 'passcode', 'pwd'],
]

/**
 * `WORDS` suggest a credential only as whole words, as in `connect.sid`. `NAMES` suggest a credential only as whole
 * names.
 */
const [WORDS, NAMES] = [['sig', 'sid'], ['code']]

const SECRET = new RegExp(
  `${PARTS.join('|')}|(?<![a-z0-9])(?:${WORDS.join('|')})(?![a-z0-9])|^(?:${NAMES.join('|')})$`,
  'i',
)

/** Returns whether the name of a header or parameter suggests that its value is a credential. */
export const isSecret = (name: string): boolean => SECRET.test(name) && !/^idempotency-key$/i.test(name)

/** Matches a character with one of the given codes, percent-encoded once or several times. */
const encoded = (codes: string) => `%(?:25)*(?:${codes})`

const PARAMETER = new RegExp(`([?&#]|${encoded('3f|26|23')})`, 'i')
const EQUALS = new RegExp(`=|${encoded('3d')}`, 'i')
const SCHEME_END = new RegExp(`((?::|${encoded('3a')})(?:/|${encoded('2f')}){2})`, 'i')
const USER_INFO = new RegExp(`^[^/?#\\s]*(@|${encoded('40')})`, 'i')

/**
 * Redacts the credentials in a text that may contain URLs: the values of query parameters whose names suggest a
 * credential, and the user name and password before a host. The delimiters may be percent-encoded.
 */
export function redactUrls(text: string): string {
  if (!/[?&#%@]/.test(text)) return text
  const [start = '', ...rest] = text.split(PARAMETER)
  const parameters = rest.map((part, i) => (i % 2 === 1 ? redactParameter(part) : part))
  const [first = '', ...urls] = [start, ...parameters].join('').split(SCHEME_END)
  return [first, ...urls.map((part, i) => (i % 2 === 1 ? part.replace(USER_INFO, `${REDACTED}$1`) : part))].join('')
}

function redactParameter(parameter: string): string {
  const equals = EQUALS.exec(parameter)
  if (!equals) return parameter
  const end = equals.index + equals[0].length
  return isSecret(decoded(parameter.slice(0, equals.index))) ? parameter.slice(0, end) + REDACTED : parameter
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
