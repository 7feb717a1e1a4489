import { HoldfastError } from '@holdfast/core'
import { z } from 'zod'
import { checkInput } from '../api/validate.ts'

/** What Teams takes at most, in bytes of the whole body. */
export const TEAMS_MAX_BYTES: number = 28 * 1_024

/** Lines that stand as lines; what comes after them stands in one. */
const MAX_LINES = 50

/** A name and what it is. */
export interface TeamsFact {
  readonly name: string
  readonly value: string
}

/** A message in words. They are shown as they are: nothing in them becomes a link, a mention or formatting, whoever wrote them. */
export interface TeamsMessage {
  /** 1 to 20,000 characters. Line breaks stay. */
  readonly text: string
  /** Above the text, in bold. 1 to 200 characters. */
  readonly title?: string | undefined
  /** Below the text. At most 20; names of 1 to 100 characters, values of 0 to 1,000. */
  readonly facts?: readonly TeamsFact[] | undefined
  /** A button. An http or https address. */
  readonly link?: { readonly title: string; readonly url: string } | undefined
  /** Shows the title in the colour of a warning. Default: false. */
  readonly isUrgent?: boolean | undefined
}

const text = (least: number, most: number): z.ZodString => {
  const allowed = `must be text of ${least} to ${most.toLocaleString('en-US')} characters`
  return z.string(allowed).min(least, allowed).max(most, allowed)
}

const message = z.strictObject({
  text: text(1, 20_000),
  title: text(1, 200).optional(),
  facts: z
    .array(z.strictObject({ name: text(1, 100), value: text(0, 1_000) }), 'must be a list')
    .max(20, 'must be at most 20')
    .optional(),
  link: z
    .strictObject({
      title: text(1, 100),
      url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(2_000),
    })
    .optional(),
  isUrgent: z.boolean('must be true or false').optional(),
})

/**
 * The body that brings a message to a channel.
 * @throws HoldfastError `INVALID_INPUT`, also where it is longer than Teams takes
 */
export function teamsCard(input: TeamsMessage): object {
  const { text: said, title, facts = [], link, isUrgent = false } = checkInput('Microsoft Teams', message, input)
  const heading = { type: 'TextRun', text: title, weight: 'Bolder', size: 'Large' }
  const body = {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            ...(title === undefined ? [] : [plain(isUrgent ? { ...heading, color: 'Attention' } : heading)]),
            ...linesOf(said).map((line) => plain({ type: 'TextRun', text: line })),
            ...facts.map(({ name, value }) =>
              plain({ type: 'TextRun', text: `${name}: `, weight: 'Bolder' }, { type: 'TextRun', text: value }),
            ),
          ],
          ...(link === undefined ? {} : { actions: [{ type: 'Action.OpenUrl', title: link.title, url: link.url }] }),
        },
      },
    ],
  }
  const bytes = Buffer.byteLength(JSON.stringify(body))
  if (bytes > TEAMS_MAX_BYTES) throw tooLong(bytes)
  return body
}

/** Text runs, unlike text blocks, know no Markdown. */
function plain(...inlines: readonly object[]): object {
  return { type: 'RichTextBlock', inlines }
}

function linesOf(said: string): string[] {
  const lines = said.split(/\r\n|[\r\n\u2028\u2029]/).filter((line) => line.trim() !== '')
  if (lines.length <= MAX_LINES) return lines.length === 0 ? [said] : lines
  return [...lines.slice(0, MAX_LINES - 1), lines.slice(MAX_LINES - 1).join(' ')]
}

function tooLong(bytes: number): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_INPUT',
    category: 'validation',
    message: `Microsoft Teams: a message may have ${TEAMS_MAX_BYTES} bytes with everything around it, but this one has ${bytes}`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
