/** Says that nothing begins here. */
export const NONE = -1
/** Says that the text is too short to tell: what follows decides. Never said of a text that is at its end. */
export const MORE = -2

/** How far a detector may look back from where it is asked, in characters. */
export const LOOK_BACK = 96

/**
 * Knows one kind of thing by how it begins. Whatever it answers may depend on the {@link LOOK_BACK} characters before, and
 * on those from here to what it returns, so that it finds the same in a text that comes in pieces.
 */
export interface Detector<Kind extends string = string> {
  readonly kind: Kind
  /** The ASCII characters it may begin with; a letter or digit only where a word begins. */
  readonly begins: string
  /** Whether it may begin with a character beyond ASCII, too. Default: false. */
  readonly beginsBeyond?: boolean
  /**
   * @param at where it may begin.
   * @param final whether the text is at its end, or may go on.
   * @returns where the match ends, {@link NONE} or {@link MORE}. It must look at no more than a fixed number of characters.
   */
  match(text: string, at: number, final: boolean): number
  /**
   * For what may be of any length: how far a match goes on beyond what `match` returned, which was enough to be certain.
   *
   * @returns where it ends; if the text ends before it does, the bitwise complement of how far it certainly goes.
   */
  tail?(text: string, at: number, final: boolean): number
}

/** Letters, digits and the underscore. */
export const WORD_BEGINNINGS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_'
/** Everything in ASCII that can be seen. */
export const VISIBLE: string = WORD_BEGINNINGS + '!"#$%&\'()*+,-./:;<=>?@[\\]^`{|}~'
