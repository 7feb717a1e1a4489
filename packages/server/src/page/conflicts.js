// Where sources do not agree: what each says, and a person's answer. What a source says is shown as text, and never as anything else.

const byId = (id) => document.getElementById(id)
const state = { next: undefined, total: 0, turn: 0 }

const REASONS = {
  'source-twice': 'one source has both',
  'kept-apart': 'somebody has said that two of them are not the same',
  'too-many': 'they are too many',
}

byId('reload').addEventListener('click', () => void load())
byId('more').addEventListener('click', () => void loadConflicts(state.next))
byId('key-form').addEventListener('submit', (event) => {
  event.preventDefault()
  sessionStorage.setItem('api-key', byId('key').value.trim())
  void load()
})
void load()

class Refused extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

async function load() {
  // Of two looks at once the later one counts.
  const turn = ++state.turn
  byId('problem').hidden = true
  byId('key-form').hidden = true
  try {
    if (!(await loadSources(turn))) return
    await loadConflicts()
  } catch (error) {
    tell(error)
  }
}

/** Returns whether this is still the last look. */
async function loadSources(turn) {
  const { sources } = await call('GET', '/sync')
  if (turn !== state.turn) return false
  byId('sources').replaceChildren(...sources.map(sourceItem))
  // Whoever needs no key here sees the tenant `default`; another tenant's sources are shown by its key.
  byId('key-form').hidden = sources.length > 0
  return true
}

async function loadConflicts(after) {
  try {
    const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`
    const { turn } = state
    const { conflicts, total, next } = await call('GET', `/conflicts${query}`)
    if (turn !== state.turn) return
    // What somebody has opened, and perhaps begun to answer, stays as it is.
    const shown = new Map([...byId('conflicts').children].map((item) => [item.dataset.id, item]))
    const items = conflicts.map((conflict) => shown.get(conflict.id) ?? conflictItem(conflict))
    if (after === undefined) byId('conflicts').replaceChildren(...items)
    else byId('conflicts').append(...items)
    Object.assign(state, { next, total })
    count()
    byId('more').hidden = next === undefined
    byId('none').hidden = byId('conflicts').children.length > 0
  } catch (error) {
    tell(error)
  }
}

/** What waits: all that is here, or with those that are not shown yet what the last answer said, and never fewer than there are here. */
function count() {
  const here = byId('conflicts').querySelectorAll('[data-id]').length
  const waiting = state.next === undefined ? here : Math.max(state.total, here + 1)
  byId('count').textContent = waiting === 0 ? '' : `(${waiting})`
}

function sourceItem(source) {
  const { name, from, state: how, succeededAt, failure, failures, counts } = source
  const pull = button('quiet', 'Pull now', async () => {
    pull.disabled = true
    try {
      await call('POST', `/sync/${encodeURIComponent(name)}/pull`)
      say(`${name} is pulled as soon as somebody is free.`)
      // The conflicts stay as they are until somebody looks again: he may be answering one.
      setTimeout(() => void loadSources(state.turn).catch(tell), 2_000)
    } catch (error) {
      tell(error)
      pull.disabled = false
    }
  })
  const facts = [
    from,
    how === 'running' ? `is being pulled: ${counts.records} so far` : '',
    succeededAt === undefined ? 'was never read to its end' : `last read ${time(succeededAt)}`,
    how === 'done' ? `${counts.records} records, ${counts.changed} of them new or changed` : '',
    counts.refused > 0 ? `${counts.refused} could not be taken` : '',
  ]
  const item = element(
    'li',
    'source',
    element('div', 'name', element('strong', '', name), pull),
    element('p', 'meta', facts.filter((fact) => fact !== '').join(' · ')),
  )
  if (failures > 0)
    item.append(element('p', 'failed', `Failed ${failures === 1 ? 'once' : `${failures} times`}: ${failure.message}`))
  for (const problem of (counts.problems ?? []).slice(0, 5)) item.append(element('p', 'meta', problem))
  return item
}

function conflictItem({ id, kind, type, field, sources, reasons = [], openedAt }) {
  const question =
    type === 'field'
      ? `Which ${field} has this ${kind}?`
      : type === 'deletion'
        ? `Is this ${kind} deleted?`
        : `Are these the same ${kind}?`
  const why = reasons.map((reason) => REASONS[reason] ?? reason).join(', ')
  const body = element('div', 'body')
  const open = button('', question, () => void show(item, body, open, id))
  open.setAttribute('aria-expanded', 'false')
  const about = element(
    'span',
    'meta',
    `${sources.join(', ')} · since ${time(openedAt)}${why === '' ? '' : ` · ${why}`}`,
  )
  const item = element('li', 'conflict', element('div', 'title', open, about), body)
  item.dataset.id = id
  return item
}

async function show(item, body, open, id) {
  const isOpen = body.children.length > 0
  open.setAttribute('aria-expanded', String(!isOpen))
  if (isOpen) return body.replaceChildren()
  try {
    const conflict = await call('GET', `/conflicts/${id}`)
    body.replaceChildren(...answersFor(item, conflict))
  } catch (error) {
    if (error.status === 404) gone(item, 'It is no longer there: it was resolved, or its records have changed.')
    else body.replaceChildren(element('p', 'refused', wordsOf(error)))
  }
}

function answersFor(item, conflict) {
  const { id, type, candidates, records, things } = conflict
  const answer = (body) => () => void resolve(item, id, body)
  if (type === 'match') {
    const rows = things.map((thing) => [namesOf(thing.records), fieldsOf(thing), ''])
    return [
      table(['Record', 'What is known'], rows),
      element(
        'div',
        'own',
        button('choose', 'They are the same', answer({ groups: [records] })),
        button('quiet', 'They are all different', answer({ groups: records.map((one) => [one]) })),
      ),
    ]
  }
  const rows = candidates.map(({ source, id: of, value, observedAt, undated = false }) => [
    type === 'deletion' ? (value ? 'deleted' : 'there') : shown(value),
    `${source}, ${undated ? 'nobody knows since when' : time(observedAt)}`,
    button('choose', 'This one', answer({ candidate: { source, id: of } })),
  ])
  const parts = [table(['Says', 'Source', ''], rows)]
  if (type === 'field') {
    const input = element('input')
    input.setAttribute('aria-label', 'Another value')
    input.placeholder = 'Another value'
    const isNumber = candidates.every(({ value }) => typeof value === 'number')
    const own = button('quiet', 'Use this', () => {
      const text = input.value.trim()
      const value = isNumber && text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
      if (text !== '') void resolve(item, id, { value })
    })
    parts.push(element('div', 'own', input, own, button('quiet', 'None of them', answer({ value: null }))))
  }
  parts.push(element('p', 'meta', `Otherwise known: ${things.map(fieldsOf).join(' / ') || 'nothing'}`))
  return parts
}

async function resolve(item, id, body) {
  const buttons = [...item.querySelectorAll('button')]
  for (const each of buttons) each.disabled = true
  item.querySelector('.refused')?.remove()
  try {
    await call('POST', `/conflicts/${id}/resolve`, body)
    gone(item, 'Resolved.')
  } catch (error) {
    if (error.status === 404 || error.status === 409)
      return gone(item, 'Somebody was quicker, or it has changed: look again.')
    for (const each of buttons) each.disabled = false
    item.append(element('p', 'refused', wordsOf(error)))
  }
}

function gone(item, words) {
  item.replaceChildren(element('p', 'meta', words))
  delete item.dataset.id
  state.total -= 1
  count()
  say(words)
}

/** `ada@example.com, Ada Lovelace (crm)`: with the source of each, where there is one. */
function fieldsOf({ fields, provenance }) {
  return Object.entries(fields)
    .map(([name, value]) => {
      const { strategy, source } = provenance[name] ?? {}
      const from = strategy === 'person' ? 'a person' : source
      return `${name}: ${shown(value)}${from === undefined ? '' : ` (${from})`}`
    })
    .join(', ')
}

function namesOf(records) {
  return records.map(({ source, id, deleted }) => `${source} ${id}${deleted ? ', deleted' : ''}`).join('; ')
}

function shown(value) {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function table(heads, rows) {
  const head = element('tr', '', ...heads.map((text) => element('th', '', text)))
  const body = rows.map((cells) => element('tr', '', ...cells.map((cell) => element('td', '', cell))))
  return element('table', 'said', element('thead', '', head), element('tbody', '', ...body))
}

async function call(method, path, body) {
  const key = sessionStorage.getItem('api-key')
  const response = await fetch(path, {
    method,
    cache: 'no-store',
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const said = await response.json()
  if (!response.ok) throw new Refused(response.status, said.error.message)
  return said
}

function tell(error) {
  if (error.status === 401 || error.status === 403) byId('key-form').hidden = false
  byId('problem').textContent = wordsOf(error)
  byId('problem').hidden = false
}

function wordsOf(error) {
  return error instanceof Refused ? error.message : 'The server does not answer at the moment.'
}

function say(words) {
  byId('announcer').textContent = words
}

function time(iso) {
  return new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
}

function button(className, text, onClick) {
  const node = element('button', className, text)
  node.type = 'button'
  node.addEventListener('click', onClick)
  return node
}

function element(name, className = '', ...children) {
  const node = document.createElement(name)
  if (className !== '') node.className = className
  node.append(...children)
  return node
}
