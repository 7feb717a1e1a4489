import type { HelpdeskTexts } from './texts.ts'

const REACH = `{{contact}}{{#phone}}, call {{phone}}{{/phone}}{{#email}}, write to {{email}}{{/email}}{{#hours}} ({{hours}}){{/hours}}`
const ELSE = `If that does not help, a technician will: ${REACH}.`

/** What the help desk says in English. */
export const ENGLISH_TEXTS: HelpdeskTexts = {
  templates: {
    greeting: `Hello{{#customer}} {{customer}}{{/customer}}, this is the IT help desk of {{company}}. What can I help you with?`,
    thanks: `You are welcome. If anything else comes up, write to me here, or turn to ${REACH}.`,
    help: `I can help with printers, network and VPN, mail, slow computers, passwords and tickets, tell you how and when to reach us, and take you to a person: ${REACH}.`,
    quote: `Thank you for your interest. For a quote please tell us what you need, for how many people, and by when: ${REACH}.`,
    hours: `{{#hours}}We are here {{hours}}.{{/hours}}{{^hours}}I do not have our opening hours at hand.{{/hours}} To reach us: {{contact}}{{#phone}}, call {{phone}}{{/phone}}{{#email}}, write to {{email}}{{/email}}.`,
    contact: `This is how to reach us: ${REACH}.`,
    human: `I am an automatic assistant. A technician will be glad to help you: ${REACH}.`,
    status: `I cannot look up tickets at the moment. Please have its number at hand and ask ${REACH}.`,
    password: `A password is reset only after we know who is asking. Please turn to ${REACH}. Never send a password in this chat.`,
    printer: `What usually helps with a printer:\n\n1. Look at its display for paper, toner and open covers.\n2. Switch it off, wait ten seconds, and switch it on again.\n3. Cancel the jobs that wait in the print queue, and print once more.\n\n${ELSE}`,
    network: `What usually helps with a connection:\n\n1. Turn Wi-Fi off and on, or plug the network cable in again.\n2. If you use the VPN, disconnect it and connect again.\n3. Restart the computer, and see whether a colleague nearby has the same trouble.\n\n${ELSE}`,
    mail: `What usually helps with mail:\n\n1. Close the mail program and open it again.\n2. Try your mailbox in the browser: if it works there, the program is the cause.\n3. Look whether the mailbox is full, and whether the message has a very large attachment.\n\n${ELSE}`,
    slow: `What usually helps with a slow or frozen computer:\n\n1. Save what you can and restart it; shutting the lid is no restart.\n2. Close programs and browser tabs that you do not need.\n3. Let updates that are under way finish, with the charger plugged in.\n\n${ELSE}`,
  },
  replies: {
    greeting: 'Hello, and thank you for writing to the IT help desk.',
    help: 'I can help with only a little at the moment, but a technician can help with everything.',
    quote:
      'Thank you for your interest. We will be glad to make you an offer: tell us what you need and for how many people.',
    general: 'I am sorry, I cannot answer that at the moment. A technician can.',
  },
  remembered: 'This answer was given {{age}}; at the moment it cannot be checked again.',
  similar: 'This answer was given {{age}} to a similar question; at the moment it cannot be checked again.',
}
