// The panel beside the conversation: how each service is, and the sandbox's fault switches.

const POLL_MS = 2_000

const FAULTS = [
  ['', 'works as it should'],
  ['down', 'is switched off'],
  ['error', 'gives errors'],
  ['slow', 'is slow (6 s)'],
  ['hang', 'hangs'],
  ['silent', 'falls silent'],
  ['cut', 'breaks off midway'],
  ['malformed', 'replies nonsense'],
  ['flap', 'comes and goes'],
  ['rate-limit', 'limits the rate'],
]

const OVERALL = {
  healthy: 'all well',
  degraded: 'some trouble',
  unavailable: 'nothing reachable',
  stopping: 'shutting down',
}

const byId = (id) => document.getElementById(id)
const rows = new Map()
let faultable = false

/** Begins to show the services, and to ask for them again and again. */
export function watchServices() {
  byId('all-well').addEventListener('click', () => void change('DELETE', '/sandbox/faults'))
  // On a phone the conversation comes first, and the panel is there to be opened.
  const narrow = matchMedia('(max-width: 860px)')
  const fold = () => (byId('panel').open = !narrow.matches)
  fold()
  narrow.addEventListener('change', fold)
  const poll = async () => {
    if (!document.hidden) await refresh()
    setTimeout(poll, POLL_MS)
  }
  void poll()
  document.addEventListener('visibilitychange', () => void (document.hidden || refresh()))
}

async function refresh() {
  try {
    const response = await fetch('/health', { cache: 'no-store' })
    const report = await response.json()
    byId('connection-banner').hidden = true
    const faults = report.sandbox === undefined ? [] : await currentFaults()
    show(report, new Map(faults.map((fault) => [fault.service, fault.fault])))
  } catch {
    byId('connection-banner').hidden = false
  }
}

async function currentFaults() {
  const response = await fetch('/sandbox/faults', { cache: 'no-store' })
  faultable = response.ok
  return response.ok ? response.json() : []
}

function show(report, faults) {
  const { sandbox, dependencies, status } = report
  const overall = byId('overall')
  overall.replaceChildren(dot(status), OVERALL[status] ?? status)
  byId('explain').textContent = faultable
    ? 'Switch a service off or make it fail, ask again, and see who answers.'
    : 'How the services behind the assistant are at the moment.'
  byId('fault-actions').hidden = !faultable || faults.size === 0
  showBanner(sandbox, dependencies)
  for (const dependency of dependencies) {
    const row = rows.get(dependency.name) ?? addRow(dependency)
    row.dot.className = `dot ${dependency.status}`
    row.tag.textContent = dependency.sandbox ? 'sandbox' : 'real'
    row.state.textContent = describe(dependency)
    row.select.hidden = !faultable || !dependency.sandbox
    // Not while somebody is choosing.
    if (document.activeElement !== row.select) setChoice(row.select, faults.get(dependency.name) ?? '')
  }
}

function showBanner(sandbox, dependencies) {
  const banner = byId('sandbox-banner')
  banner.hidden = sandbox === undefined
  if (sandbox === undefined) return
  const lead = document.createElement('strong')
  lead.textContent = 'Running on the sandbox.'
  const real = dependencies.filter((dependency) => !dependency.sandbox)
  const rest = !sandbox.running
    ? ' It has stopped by itself and is being started again.'
    : real.length === 0
      ? ' Aircraft, prices and people are made up; nothing is booked and nobody is contacted.'
      : ` What it stands in for is made up: ${titles(dependencies.filter((dependency) => dependency.sandbox))}. Real: ${titles(real)}.`
  const text = lead.textContent + rest
  if (banner.textContent !== text) banner.replaceChildren(lead, rest)
}

function titles(dependencies) {
  return dependencies.map((dependency) => dependency.title).join(', ')
}

function addRow(dependency) {
  const item = document.createElement('li')
  item.className = 'service'
  item.dataset.service = dependency.name
  const name = document.createElement('span')
  name.className = 'name'
  const row = { dot: dot(''), tag: span('tag'), state: span('state'), select: document.createElement('select') }
  name.append(row.dot, dependency.title, row.tag)
  row.select.setAttribute('aria-label', `${dependency.title}: what it does`)
  row.select.append(...FAULTS.map(([value, label]) => new Option(label, value)))
  row.select.addEventListener('change', () => {
    const fault = row.select.value
    setChoice(row.select, fault)
    const service = dependency.name
    void (fault === ''
      ? change('DELETE', `/sandbox/faults?service=${encodeURIComponent(service)}`)
      : change('POST', '/sandbox/faults', { service, fault }))
  })
  item.append(name, row.state, row.select)
  byId('services').append(item)
  rows.set(dependency.name, row)
  return row
}

function setChoice(select, value) {
  select.value = value
  select.dataset.fault = value === '' ? 'off' : 'on'
}

async function change(method, path, body) {
  const problem = byId('fault-error')
  try {
    const response = await fetch(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    problem.hidden = response.ok
    if (!response.ok) problem.textContent = (await response.json()).error.message
  } catch {
    problem.hidden = false
    problem.textContent = 'The switch could not be set: the server does not answer.'
  }
  document.activeElement?.blur?.()
  await refresh()
}

/** The state of one service in a few words. */
function describe({ status, circuit, admittedShare, nextProbeInMs, since, lastError, lastSuccessAt = '' }) {
  const from = since === undefined ? '' : ` since ${clockTime(since)}`
  switch (circuit) {
    case 'open':
      return `Not used${from}; ${nextProbeInMs > 0 ? `next try in ${Math.ceil(nextProbeInMs / 1_000)} s` : 'tried with the next question'}`
    case 'isolated':
      return `Switched off by hand${from}`
    case 'half-open':
      return `Being tried again${from}`
    case 'ramping':
      return `Coming back: ${Math.round(admittedShare * 100)} % of the questions`
    default:
      if (status !== 'healthy') return `In trouble${from}`
      // One failure is no trouble yet, but whoever has just met it should find it here.
      return lastError?.at > lastSuccessAt ? `Last call failed at ${clockTime(lastError.at)}` : 'Works'
  }
}

function clockTime(iso) {
  return new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' })
}

function dot(status) {
  return span(`dot ${status}`)
}

function span(className) {
  const node = document.createElement('span')
  node.className = className
  return node
}
