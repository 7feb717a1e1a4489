/** What stands between something said by mistake and what is meant: "Friday, no wait, Saturday". Folded text between the two. */
export const CORRECTION =
  /^[\s,.;:!?-]*(?:(?:\w+ ){0,2})?(?:no wait|wait no|no sorry|sorry|wait|hang on|scratch that|strike that|make (?:that|it)|i mean|i meant|meant|correction|or rather|rather|actually|no,|no\b|nope|anzi(?: no)?|cioe|volevo dire|scusa(?:te|i)?|pardon|nein|ach|quatsch|doch (?:lieber|besser)|besser(?: gesagt)?|ich meine|beziehungsweise|bzw|non,|enfin|plutot|je veux dire|perdon|digo|mejor(?: dicho)?|quiero decir|o sea|quer dizer|alias|ou melhor|melhor|na verdade|desculp[ae])\b/

/** What stands before something that is not meant: "not Friday, Saturday". Folded text right before it. */
export const NEGATION =
  /\b(?:not|isn't|instead of|rather than|non|nicht|statt|anstatt|pas|au lieu d[eu]|plutot que|en vez d[eo]|em vez de|nao|no) (?:on |for |the |il |am |den |vom |le |du |el |del |de |na |no |a |at |to |from |in )*$/

/** What stands before a "no" or "not" that negates a kind of aircraft. Folded text right before it. */
export const NO_AIRCRAFT =
  /\b(?:no|not|without|avoid|except|but not|don't want|dont want|do not want|anything but|rather not|hate|drop|forget|skip|lose|niente|no a|senza|nessun\w*|non|kein\w*|ohne|nicht|pas d[e']|sans|aucun|sin|ningun\w*|nada de|sem|nenhum\w*|nao) (?:a |an |any |the |un |una |uno |einen? |die |in |mit |with |de |des |los |fly |flying |want )*$/
