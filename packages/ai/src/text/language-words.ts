/** Words that are frequent in one language and hardly occur in the others, without accents. */
export const LANGUAGE_WORDS: Readonly<Record<string, string>> = {
  en: `the and is are was were been be being am has have had having do does did doing dont doesnt didnt isnt arent wasnt
    werent cant cannot couldnt wont wouldnt shouldnt hasnt havent hadnt will would should could can may might must shall
    i you he she it we they my your his her its our their me him us them mine yours ours theirs this that these those
    what which who whom whose when where why how not no none nobody nothing everything everyone everybody anybody anyone
    someone somebody anything something of to for with from by about into onto at on over under between through during
    before after since until while because if then than there here now again still just only also too very much many
    more most some any all both each every other another such same own out off up away back please thanks thank
    hello hi hey good morning afternoon evening help need want get got getting give make made take call know think see
    say says said tell keep keeps went going gone come coming work works working worked stopped broken lost today
    yesterday tomorrow tonight week last next office company people users customers staff everyones price quote much
    hacked anymore yes ok okay sorry urgent urgently emergency guys whats thats theres ive im youre youve were weve`,
  it: `il i quale quali significa vuol dire lo la gli le un uno una di del dello della dei degli delle al allo alla ai agli alle dal dallo dalla dai dagli
    dalle nel nello nella nei negli nelle sul sullo sulla sui sugli sulle con per tra fra che chi cui non nn piu anche
    ancora gia mai sempre solo molto poco tutto tutta tutti tutte niente nulla nessuno nessuna nessun qualcuno qualcosa
    questo questa questi queste quello quella quelli quelle qui qua li dove quando quanto quanti quanta come perche xke
    xche cosa cos sono sei siamo siete era erano stato stata stati state essere ho hai ha abbiamo avete hanno aveva
    avevo avevamo avere faccio fai fa facciamo fate fanno fare posso puoi puo possiamo potete possono potreste vorrei
    vorremmo voglio vogliamo devo dobbiamo deve bisogna serve servono mi ti ci vi si mio mia miei mie tuo tua nostro
    nostra nostri nostre vostro vostra vostri vostre suo sua loro io tu lui lei noi voi ma pero oppure se ora adesso
    oggi ieri domani stamattina stanotte stasera subito prima dopo senza sotto sopra fino mentre quindi allora cioe
    ciao salve buongiorno buonasera buonanotte grazie prego aiuto aiutateci aiutatemi scusate scusi funziona funzionano
    va vanno giu fermo ferma fermi ferme bloccato bloccata bloccati bloccate rete posta sito ufficio azienda clienti
    utenti preventivo prezzo costa urgente urgenza emergenza chiamate chiamatemi mandate perso morto morta caduto
    caduta spento rotto rotta`,
}
