function words(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/))
}

/** Words that give a language away, folded. A word that two of them share stands in neither or in both. */
export const LANGUAGE_WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  en: words(
    'the and from to for with on at need want is are we you my can i please would like looking flight jet jets private fly flying hi hello hey tomorrow today friday monday tuesday wednesday thursday saturday sunday next what how about instead people passengers party of who find me get quote send back return returning how much make it six there their them this that add do have any show which make us our your weekend morning trip book give list ceo cfos ceos companies tonight tmrw leaving one way cheapest when where does same but person executive executives assistants head directors in wheels up thanks thank hiya also now yes sure',
  ),
  it: words(
    'il lo gli della dello dei degli delle del di da dal dalla che per con una uno sono siamo vorrei vorremmo volo voli domani oggi persone passeggeri buongiorno buonasera ciao salve grazie quanto costa lunedi martedi mercoledi giovedi venerdi sabato domenica ritorno andata e dopodomani cerco cerca trova mi serve servono aereo aerei prossimo prossima settimana alle anche invece preventivo vogliamo devo dobbiamo ho bisogno noi io mia mio moglie chi quali qual quello questa questo puoi potete fammi mandami trovami aziende ad a in al dicembre gennaio cosa fare siete come dirigenti se fossimo',
  ),
  de: words(
    'der die das den dem ein eine einen einer und von nach mit fur fuer wir ich sind brauche brauchen mochte mochten moechte moechten flug fluge morgen heute ubermorgen personen passagiere leute guten hallo danke bitte was wie viel kostet montag dienstag mittwoch donnerstag freitag samstag sonntag zuruck hin ruckflug am um uhr nachsten nachste woche uns mir meine mein frau suche finde auch statt angebot aus ab im zum zur bei welche wer es geht noch nicht kann konnen konnt habt ihr flugzeug unternehmen firmen dezember januar hatte gerne tag moin servus grussgott vier zu gib zeig schick',
  ),
  fr: words(
    'le les des du de la un une et pour avec nous je suis sommes voudrais voudrions besoin vol vols demain aujourd hui personnes passagers bonjour bonsoir salut merci combien coute lundi mardi mercredi jeudi vendredi samedi dimanche retour aller est ce que qui prochain prochaine semaine au aux vers depuis a cherche trouve trouver moi devis plait svp avion notre mon ma femme aussi plutot il y dans sur quel quels quelle quelles sont pouvez vous peux tu chez entreprises dirigeants on sera serons decembre janvier puis',
  ),
  pt: words(
    'o os do da dos das um uma e para pra pro com nos preciso precisamos quero queremos gostaria voo voos amanha hoje pessoas passageiros ola oi bom boa dia tarde noite obrigado obrigada quanto custa segunda terca quarta quinta sexta feira sabado domingo volta ida que proximo proxima semana ate procuro procure encontre encontrar orcamento cotacao por favor aviao jatinho jato aeronave aeronaves minha esposa mulher tambem melhor ha somos seremos em ao no na nas quem quais pode podem empresas diretores dezembro janeiro agora se fossemos como voces voce estao meu depois fretar adicione mostre quero gente sao nao tem pedido',
  ),
  es: words(
    'el los las del de la un una y para con nosotros necesito necesitamos quiero queremos quisiera vuelo vuelos manana hoy personas pasajeros hola buenos buenas dias tardes gracias cuanto cuesta lunes martes miercoles jueves viernes sabado domingo regreso ida vuelta es que proximo proxima semana desde hasta busco busca buscar encuentra cotizacion presupuesto por favor avion mi esposa mujer tambien mejor hay somos seremos en al a las quien quienes cuales puede pueden empresas directores diciembre enero ahora dame se puedo si fueramos como estas usted ustedes precio',
  ),
}
