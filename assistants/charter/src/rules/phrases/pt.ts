import type { Phrases } from './phrases.ts'

export const pt: Phrases = {
  locale: 'pt',
  directNotice: 'Resposta dada diretamente, sem o nosso sistema habitual.',
  rulesNotice: 'Resposta obtida diretamente dos sistemas de voos e contactos, sem modelo de linguagem.',
  greeting:
    'Olá, aqui é a central de fretamento. Diga-me de onde para onde quer voar, em que dia e quantas pessoas são, e procuro aeronaves.',
  help: 'Posso procurar aeronaves para a sua viagem, mostrar a frota, pedir orçamentos aos operadores e lê-los, e encontrar pessoas e empresas. Por exemplo: «Lisboa - Faro na sexta, 4 pessoas».',
  refuseScope: 'Só posso ajudar com voos privados e com os contactos relacionados. Há alguma viagem que eu possa ver?',
  refuseMisuse: 'Com isso não posso ajudar. Se quiser organizar um voo, vejo com gosto.',
  ask: 'Com gosto. Ainda preciso de saber:',
  missing: {
    from: 'de onde parte',
    to: 'para onde vai',
    date: 'o dia de cada voo',
    passengers: 'quantos passageiros são',
    requestId: 'o número do pedido de orçamento (começa por «arfq-»)',
    person: 'de quem se trata: um e-mail, ou nome e empresa',
    people: 'que tipo de pessoas: um cargo, um lugar, um setor ou uma empresa',
    organisation: 'que tipo de empresa: um setor, um lugar ou um nome',
    sequence: 'o nome da sequência',
  },
  anything: 'mais algum pormenor',
  leg: (from, to, date, time) => `${from} - ${to}, ${date}${time === undefined ? '' : ` às ${time}`}`,
  passengers: (count) => (count === 1 ? '1 passageiro' : `${count} passageiros`),
  offersFound: (count, shown) =>
    count === 1
      ? 'Encontrei uma aeronave:'
      : count === shown
        ? `Encontrei ${count} aeronaves:`
        : `Encontrei ${count} aeronaves. As primeiras ${shown}:`,
  offersNone: 'Não há aeronaves disponíveis para esta viagem. Outro dia, hora ou categoria pode ajudar.',
  seats: (count) => `até ${count} passageiros`,
  estimate: (price) => `cerca de ${price}`,
  flightTime: (duration) => `${duration} de voo`,
  offersNext: 'Os preços são estimativas. Escreva «pedir orçamento» e peço preços firmes aos operadores.',
  fleetFound: (count, shown) =>
    count === 1
      ? 'Uma aeronave:'
      : count === shown
        ? `${count} aeronaves:`
        : `${count} aeronaves. As primeiras ${shown}:`,
  fleetNone: 'Nenhuma aeronave corresponde.',
  fleetNext: 'Diga-me rota, dia e número de passageiros e vejo quais estão livres.',
  quoteSent: (id) => `O pedido de orçamento está com os operadores. O número é **${id}**.`,
  quoteNext: (id) => `Pergunte por «orçamentos de ${id}» para ver o que chegou.`,
  quotesFound: (count, id) =>
    count === 1 ? `Chegou um orçamento para ${id}:` : `Chegaram ${count} orçamentos para ${id}:`,
  quotesNone: (id, asked) => `Ainda não chegou nenhum orçamento para ${id}; foram consultadas ${asked} aeronaves.`,
  quotesCancelled: (id) => `O pedido ${id} foi anulado.`,
  quotesUnknown: (id) => `Não é conhecido nenhum pedido com o número ${id}. Confirme o número ou pergunte à central.`,
  noPrice: 'ainda sem preço',
  quotesNext: 'Para aceitar um deles, contacte a central.',
  peopleFound: (total, shown) =>
    total === 1
      ? 'Uma pessoa corresponde:'
      : total > shown
        ? `${total} pessoas correspondem. As primeiras ${shown}:`
        : `${total} pessoas correspondem:`,
  peopleNone: 'Ninguém corresponde. Um lugar mais amplo ou outro cargo pode ajudar.',
  peopleNext: 'Peça os dados de uma delas com nome e empresa para obter um e-mail.',
  personNone: 'Não é conhecida nenhuma pessoa assim.',
  personChoice: 'Há várias pessoas com esse nome. Para que empresa trabalha?',
  companiesFound: (total, shown) =>
    total === 1
      ? 'Uma empresa corresponde:'
      : total > shown
        ? `${total} empresas correspondem. As primeiras ${shown}:`
        : `${total} empresas correspondem:`,
  companiesNone: 'Nenhuma empresa corresponde.',
  employees: (count) => `${count} funcionários`,
  sequenceAdded: (emails, sequence) => `Adicionados à sequência **${sequence}**: ${emails}.`,
  sequenceSkipped: (emails) => `Não adicionados: ${emails}.`,
  sequenceNext: 'A sequência escreve segundo o seu próprio calendário.',
  sequenceUnknown: (name) =>
    `Nenhuma sequência se reconhece pelo nome **${name}**; ninguém foi adicionado. Confirme o nome.`,
  base: (place) => `base ${place}`,
  notAccepted:
    'O sistema que teria de o fazer não o aceitou tal como está. Nada foi enviado; a central pode vê-lo consigo.',
  mayBeSent:
    'É possível que já tenha sido enviado, embora não nos tenha chegado nenhuma confirmação. Por favor, não envie outra vez: uma pessoa pode ver se seguiu.',
  alreadySent: (id) =>
    `Isto já foi enviado${id === undefined ? '' : `, com o número **${id}**`}. Não foi enviado uma segunda vez.`,
  stale: (age) =>
    `Os nossos sistemas não estão disponíveis neste momento. Esta é a resposta à mesma pergunta, dada ${age}; preços e disponibilidade podem ter mudado.`,
  offline: (down) => `Lamento, neste momento não posso responder. Sem ligação: ${down}.`,
  lasting: (duration) => `há ${duration}`,
  offlineUnknown: 'Lamento, neste momento não posso responder.',
  contact: (name, ways, hours) =>
    `Para falar com uma pessoa: ${name}${ways === '' ? '' : `, ${ways}`}${hours === '' ? '' : ` (${hours})`}.`,
  offlineTry:
    'O que pode tentar: perguntar de novo dentro de minutos, as ligações são repetidas sozinhas; ou repetir uma pergunta anterior, talvez me lembre da resposta.',
  offlineNothingDone: 'Com esta mensagem nada foi reservado nem enviado.',
  offlineMayBeDone:
    'Se pediu que algo fosse solicitado ou enviado, é possível que tenha sido feito sem que a confirmação nos chegasse: pergunte primeiro a uma pessoa, em vez de enviar outra vez.',
  call: 'telefone',
  write: 'e-mail',
  or: 'ou',
  services: {
    n8n: 'o assistente habitual',
    llm: 'o modelo de linguagem',
    apollo: 'a base de contactos',
    avinode: 'o mercado de voos',
  },
}
