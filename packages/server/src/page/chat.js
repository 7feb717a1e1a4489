import { renderMarkdown } from './markdown.js'
import { watchServices } from './services.js'

const byId = (id) => document.getElementById(id)
const messages = byId('messages')
const field = byId('message')
// Gone from the page while there is a conversation, and back when another assistant is chosen.
const welcome = byId('welcome')
const examples = byId('examples')

const state = { assistant: undefined, sessionId: undefined, assistants: [], busy: false }

void start()

async function start() {
  watchServices()
  byId('composer').addEventListener('submit', (event) => {
    event.preventDefault()
    void ask(field.value)
  })
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault()
      void ask(field.value)
    }
  })
  field.addEventListener('input', fitField)
  byId('key-form').addEventListener('submit', (event) => {
    event.preventDefault()
    sessionStorage.setItem('api-key', byId('key').value.trim())
    void loadAssistants()
  })
  byId('assistant').addEventListener('change', (event) => choose(event.target.value))
  await loadAssistants()
  field.focus({ preventScroll: true })
}

async function loadAssistants() {
  try {
    const response = await fetch('/v1/models', { headers: credentials() })
    byId('key-form').hidden = response.status !== 401
    if (!response.ok) return
    state.assistants = (await response.json()).data
  } catch {
    setTimeout(loadAssistants, 2_000)
    return
  }
  byId('assistant').replaceChildren(...state.assistants.map(({ id, title }) => new Option(title, id)))
  byId('assistant-choice').hidden = state.assistants.length < 2
  choose(state.assistants[0]?.id)
}

function choose(id) {
  const assistant = state.assistants.find((each) => each.id === id)
  if (assistant === undefined) return
  Object.assign(state, { assistant, sessionId: undefined })
  document.title = assistant.title
  byId('title').textContent = assistant.title
  byId('description').textContent = assistant.description
  examples.replaceChildren(
    ...assistant.examples.map((example) => {
      const button = element('button', '', example)
      button.type = 'button'
      button.addEventListener('click', () => ask(example))
      return element('li', '', button)
    }),
  )
  messages.replaceChildren(welcome)
}

async function ask(text) {
  const question = text.trim()
  if (question === '' || state.busy || state.assistant === undefined) return
  setBusy(true)
  field.value = ''
  fitField()
  welcome.remove()
  addMessage('from-customer', question)
  const answer = element('div', 'answer', waiting())
  const bubble = addMessage('from-assistant', answer)
  bubble.setAttribute('aria-busy', 'true')
  let whole = ''
  try {
    for await (const { event, data } of replyTo(question)) {
      const follow = isAtEnd()
      if (event === 'text') {
        whole += data.text
        renderMarkdown(answer, whole)
      } else if (event === 'done') {
        state.sessionId = data.sessionId
        bubble.append(origin(data))
        byId('announcer').textContent = `${answer.textContent} ${data.notice}`
      } else {
        if (whole === '') answer.replaceChildren()
        bubble.append(element('p', 'broken', data.message))
        byId('announcer').textContent = data.message
      }
      if (follow) toEnd()
    }
  } catch (error) {
    if (whole === '') answer.replaceChildren()
    bubble.append(
      element('p', 'broken', error instanceof Refused ? error.message : 'The connection broke off. Please ask again.'),
    )
  }
  bubble.removeAttribute('aria-busy')
  setBusy(false)
  toEnd()
}

class Refused extends Error {}

/** Asks, and gives the events of the reply one by one. Throws unless the reply ends as it should. */
async function* replyTo(message) {
  const { assistant, sessionId } = state
  const response = await fetch('/chat', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'accept-language': 'en',
      ...credentials(),
    },
    body: JSON.stringify({ assistant: assistant.id, message, ...(sessionId === undefined ? {} : { sessionId }) }),
  })
  if (!response.ok) {
    if (response.status === 401) byId('key-form').hidden = false
    throw new Refused((await response.json()).error.message)
  }
  let rest = ''
  let ended = false
  for await (const piece of chunksOf(response.body.pipeThrough(new TextDecoderStream()))) {
    const events = (rest + piece).split('\n\n')
    rest = events.pop()
    for (const text of events) {
      const event = /^event: (.*)$/m.exec(text)?.[1]
      const data = /^data: (.*)$/m.exec(text)?.[1]
      if (event === undefined || data === undefined) continue
      ended ||= event !== 'text'
      yield { event, data: JSON.parse(data) }
    }
  }
  if (!ended) throw new Error('the reply ended before it was whole')
}

/** Not every browser can iterate over a stream. */
async function* chunksOf(stream) {
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

const TIERS = {
  emergency: 'The emergency desk',
  n8n: 'The usual assistant',
  direct: 'The direct way',
  'direct/agent': 'The direct way, with a language model',
  'direct/rules': 'The direct way, without a language model',
  model: 'The language models',
  'model/llm': 'The first of them',
  'model/llm-second': 'The second of them',
  stale: 'Remembered answers',
  template: 'Prepared replies',
  static: 'Fixed replies',
  'last-word': 'The last word',
  offline: 'A prepared notice',
}

/** Nobody was asked for these. */
const PREPARED = new Set(['template', 'static', 'last-word', 'offline'])

const OUTCOMES = {
  served: 'answered',
  failed: 'did not answer',
  skipped: 'was not asked',
  overtaken: 'was too slow',
  cancelled: 'was not needed',
}

/** Where an answer came from, in words, with the details for those who want them. */
function origin({ notice, holdfast }) {
  if (holdfast === undefined) return element('div', 'origin offline', notice)
  const kind = PREPARED.has(holdfast.tier) || holdfast.stale ? 'offline' : holdfast.degraded ? 'degraded' : 'usual'
  const facts = [
    ['Given by', holdfast.servedBy],
    ['Time', sayTime(holdfast.durationMs)],
    ...holdfast.attempts.map((attempt) => [
      TIERS[attempt.tier] ?? attempt.tier,
      `${OUTCOMES[attempt.outcome] ?? attempt.outcome}${attempt.code === undefined ? '' : ` (${attempt.code.toLowerCase().replaceAll('_', ' ')})`}`,
    ]),
    ['Request', holdfast.requestId],
  ]
  const list = element('dl', '', ...facts.flatMap(([term, fact]) => [element('dt', '', term), element('dd', '', fact)]))
  const details = element('details', '', element('summary', '', 'How this answer came about'), list)
  const line = element('p', 'notice', element('span', 'dot'), element('span', '', notice))
  const box = element('div', `origin ${kind}`, line, details)
  box.dataset.tier = holdfast.tier
  return box
}

function sayTime(ms) {
  return ms < 950 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1_000).toFixed(1)} s`
}

function addMessage(className, content) {
  const bubble = element('div', `message ${className}`, content)
  messages.append(bubble)
  toEnd()
  return bubble
}

function waiting() {
  const dots = element('div', 'waiting', element('span'), element('span'), element('span'))
  dots.setAttribute('role', 'img')
  dots.setAttribute('aria-label', 'The answer is on its way')
  return dots
}

function setBusy(busy) {
  state.busy = busy
  byId('send').disabled = busy
  if (!busy) field.focus({ preventScroll: true })
}

function credentials() {
  const key = sessionStorage.getItem('api-key')
  return key === null ? {} : { authorization: `Bearer ${key}` }
}

function isAtEnd() {
  return messages.scrollHeight - messages.scrollTop - messages.clientHeight < 80
}

function toEnd() {
  messages.scrollTop = messages.scrollHeight
}

function fitField() {
  field.style.height = 'auto'
  field.style.height = `${field.scrollHeight + 2}px`
}

function element(name, className = '', ...children) {
  const node = document.createElement(name)
  if (className !== '') node.className = className
  node.append(...children)
  return node
}
