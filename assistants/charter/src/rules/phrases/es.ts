import type { Phrases } from './phrases.ts'

export const es: Phrases = {
  locale: 'es',
  directNotice: 'Respuesta dada directamente, sin nuestro sistema habitual.',
  rulesNotice: 'Respuesta tomada directamente de los sistemas de vuelos y contactos, sin modelo de lenguaje.',
  greeting:
    'Hola, aquí el servicio de chárter. Dígame desde dónde y hasta dónde quiere volar, qué día y cuántas personas, y busco aviones.',
  help: 'Puedo buscar aviones para su viaje, mostrar la flota, pedir cotizaciones a los operadores y leerlas, y encontrar personas y empresas. Por ejemplo: «Madrid - Ibiza el viernes, 4 personas».',
  refuseScope:
    'Solo puedo ayudar con vuelos privados y con los contactos relacionados. ¿Hay algún viaje que pueda mirar?',
  refuseMisuse: 'Con eso no puedo ayudar. Si quiere organizar un vuelo, lo miro con gusto.',
  ask: 'Con gusto. Me falta todavía:',
  missing: {
    from: 'desde dónde sale',
    to: 'adónde va',
    date: 'el día de cada vuelo',
    passengers: 'cuántos pasajeros son',
    requestId: 'el número de la solicitud de cotización (empieza por «arfq-»)',
    person: 'de quién se trata: un correo, o nombre y empresa',
    people: 'qué tipo de personas: un cargo, un lugar, un sector o una empresa',
    organisation: 'qué tipo de empresa: un sector, un lugar o un nombre',
    sequence: 'el nombre de la secuencia',
  },
  anything: 'algún detalle más',
  leg: (from, to, date, time) => `${from} - ${to}, ${date}${time === undefined ? '' : ` a las ${time}`}`,
  passengers: (count) => (count === 1 ? '1 pasajero' : `${count} pasajeros`),
  offersFound: (count, shown) =>
    count === 1
      ? 'He encontrado un avión:'
      : count === shown
        ? `He encontrado ${count} aviones:`
        : `He encontrado ${count} aviones. Los primeros ${shown}:`,
  offersNone: 'No hay ningún avión disponible para este viaje. Otro día, hora o categoría puede ayudar.',
  seats: (count) => `hasta ${count} pasajeros`,
  estimate: (price) => `unos ${price}`,
  flightTime: (duration) => `${duration} de vuelo`,
  offersNext: 'Los precios son estimaciones. Escriba «solicitar cotización» y pido precios firmes a los operadores.',
  fleetFound: (count, shown) =>
    count === 1 ? 'Un avión:' : count === shown ? `${count} aviones:` : `${count} aviones. Los primeros ${shown}:`,
  fleetNone: 'Ningún avión encaja.',
  fleetNext: 'Dígame ruta, día y número de pasajeros y miro cuáles están libres.',
  quoteSent: (id) => `La solicitud de cotización está con los operadores. Su número es **${id}**.`,
  quoteNext: (id) => `Pregunte por «cotizaciones para ${id}» para ver qué ha llegado.`,
  quotesFound: (count, id) =>
    count === 1 ? `Ha llegado una cotización para ${id}:` : `Han llegado ${count} cotizaciones para ${id}:`,
  quotesNone: (id, asked) =>
    `Todavía no ha llegado ninguna cotización para ${id}; se ha preguntado por ${asked} aviones.`,
  quotesCancelled: (id) => `La solicitud ${id} se ha anulado.`,
  quotesUnknown: (id) =>
    `No se conoce ninguna solicitud con el número ${id}. Compruebe el número o pregunte a la central.`,
  noPrice: 'aún sin precio',
  quotesNext: 'Para aceptar una, póngase en contacto con nosotros.',
  peopleFound: (total, shown) =>
    total === 1
      ? 'Encaja una persona:'
      : total > shown
        ? `Encajan ${total} personas. Las primeras ${shown}:`
        : `Encajan ${total} personas:`,
  peopleNone: 'Nadie encaja. Un lugar más amplio u otro cargo puede ayudar.',
  peopleNext: 'Pida los datos de una de ellas con nombre y empresa para obtener un correo.',
  personNone: 'No se conoce a nadie así.',
  personChoice: 'Hay varias personas con ese nombre. ¿Para qué empresa trabaja?',
  companiesFound: (total, shown) =>
    total === 1
      ? 'Encaja una empresa:'
      : total > shown
        ? `Encajan ${total} empresas. Las primeras ${shown}:`
        : `Encajan ${total} empresas:`,
  companiesNone: 'Ninguna empresa encaja.',
  employees: (count) => `${count} empleados`,
  sequenceAdded: (emails, sequence) => `Añadidos a la secuencia **${sequence}**: ${emails}.`,
  sequenceSkipped: (emails) => `No añadidos: ${emails}.`,
  sequenceNext: 'La secuencia escribe según su propio calendario.',
  sequenceUnknown: (name) =>
    `No hay ninguna secuencia que se reconozca por el nombre **${name}**; no se ha añadido a nadie. Compruebe el nombre.`,
  base: (place) => `base ${place}`,
  notAccepted:
    'El sistema que tendría que hacerlo no lo ha aceptado tal como está. No se ha enviado nada; la central puede verlo con usted.',
  mayBeSent:
    'Es posible que ya se haya enviado, aunque no nos ha llegado la confirmación. Por favor, no lo envíe otra vez: una persona puede ver si salió.',
  alreadySent: (id) =>
    `Esto ya se había enviado${id === undefined ? '' : `, con el número **${id}**`}. No se ha enviado por segunda vez.`,
  stale: (age) =>
    `Nuestros sistemas no están disponibles en este momento. Esta es la respuesta a la misma pregunta, dada ${age}; precios y disponibilidad pueden haber cambiado.`,
  offline: (down) => `Lo siento, ahora mismo no puedo responder. Sin conexión: ${down}.`,
  lasting: (duration) => `desde hace ${duration}`,
  offlineUnknown: 'Lo siento, ahora mismo no puedo responder.',
  contact: (name, ways, hours) =>
    `Para hablar con una persona: ${name}${ways === '' ? '' : `, ${ways}`}${hours === '' ? '' : ` (${hours})`}.`,
  offlineTry:
    'Qué puede probar: preguntar de nuevo en unos minutos, las conexiones se reintentan solas; o repetir una pregunta anterior, quizá recuerde la respuesta.',
  offlineNothingDone: 'Con este mensaje no se ha reservado ni enviado nada.',
  offlineMayBeDone:
    'Si pidió que se solicitara o se enviara algo, es posible que se haya hecho aunque no nos llegara la confirmación: pregunte antes a una persona, en vez de enviarlo otra vez.',
  call: 'teléfono',
  write: 'correo',
  or: 'o',
  services: {
    n8n: 'el asistente habitual',
    llm: 'el modelo de lenguaje',
    apollo: 'la base de contactos',
    avinode: 'el mercado de vuelos',
  },
}
