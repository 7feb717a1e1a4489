import { BASE64_URL, DIGIT, DOT, HYPHEN, LETTER, LOWER, UPPER } from '../text/characters.ts'

/** How the keys of one provider look. */
export interface TokenShape {
  /** All prefixes that this shape has. */
  readonly prefixes: readonly string[]
  /** The characters behind the prefix. */
  readonly characters: number
  /** At least so many of them. */
  readonly least: number
  /** No more than `least`, and then the word must end. Default: false. */
  readonly exact?: boolean
  /**
   * Among them there must be so many in a row without a hyphen or a point, with a digit: what tells a key from words that are joined
   * by hyphens. Default: 0.
   */
  readonly solid?: number
}

const ALNUM = LETTER | DIGIT

/** Keys that say themselves whose they are. */
export const KNOWN_TOKENS: readonly TokenShape[] = [
  // OpenAI, Anthropic, OpenRouter, DeepSeek and others who took over the form.
  { prefixes: ['sk-'], characters: BASE64_URL, least: 20, solid: 12 },
  { prefixes: ['sess-'], characters: ALNUM, least: 32, solid: 12 },
  // Google: API keys, access tokens, client secrets.
  { prefixes: ['AIza'], characters: BASE64_URL, least: 35, exact: true },
  { prefixes: ['ya29.'], characters: BASE64_URL | DOT, least: 20 },
  { prefixes: ['GOCSPX-'], characters: BASE64_URL, least: 24 },
  // AWS.
  {
    prefixes: ['AKIA', 'ASIA', 'ABIA', 'ACCA', 'AGPA', 'AIDA', 'ANPA', 'AROA'],
    characters: UPPER | DIGIT,
    least: 16,
    exact: true,
  },
  // GitHub, GitLab.
  { prefixes: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], characters: ALNUM, least: 30 },
  { prefixes: ['github_pat_'], characters: BASE64_URL, least: 22 },
  { prefixes: ['glpat-', 'gldt-', 'glrt-', 'glptt-'], characters: BASE64_URL, least: 20 },
  // Slack.
  {
    prefixes: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-', 'xoxe.', 'xapp-'],
    characters: BASE64_URL | DOT,
    least: 10,
    solid: 8,
  },
  // Stripe.
  {
    prefixes: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'whsec_'],
    characters: ALNUM | HYPHEN,
    least: 16,
  },
  // What this project connects to, and its kind.
  { prefixes: ['n8n_api_'], characters: ALNUM, least: 20 },
  { prefixes: ['pat-na1-', 'pat-na2-', 'pat-eu1-', 'pat-ap1-'], characters: ALNUM | HYPHEN, least: 30, solid: 8 },
  // Others.
  { prefixes: ['npm_'], characters: ALNUM, least: 30 },
  { prefixes: ['hf_'], characters: ALNUM, least: 30 },
  { prefixes: ['gsk_', 'xai-', 'pplx-', 'fw_', 'r8_'], characters: ALNUM, least: 30 },
  { prefixes: ['SG.'], characters: BASE64_URL | DOT, least: 40, solid: 16 },
  { prefixes: ['shpat_', 'shpss_', 'shpca_'], characters: LOWER | UPPER | DIGIT, least: 32 },
  { prefixes: ['dop_v1_', 'doo_v1_'], characters: LOWER | DIGIT, least: 40 },
  { prefixes: ['lin_api_', 'lsv2_pt_', 'lsv2_sk_', 'secret_', 'ntn_'], characters: BASE64_URL, least: 32, solid: 16 },
  { prefixes: ['sbp_', 'tvly-', 'key-'], characters: ALNUM, least: 30, solid: 16 },
]
