import type { Overview } from './control.ts'

/** The page at `/`, for people. */
export function page({ message, services, faults, settings }: Overview): string {
  const rows = Object.entries(services).map(
    ([service, url]) => `<tr><td>${escape(service)}</td><td><code>${escape(url)}</code></td></tr>`,
  )
  const set = faults.length === 0 ? '<p>No fault is set.</p>' : `<pre>${escape(JSON.stringify(faults, null, 2))}</pre>`
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Holdfast sandbox</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
strong.warn { background: #ffd54d; color: #222; padding: .1em .4em }
td { padding: .2rem 1rem .2rem 0 }
</style></head>
<body>
<h1>Holdfast sandbox</h1>
<p><strong class="warn">Not the real world.</strong> ${escape(message)}. Companies and people are invented and live under <code>.example</code>; only the airports are real. Nothing sent here leaves this machine.</p>
<h2>Stand-ins</h2>
<table>${rows.join('')}</table>
<h2>Faults</h2>
${set}
<p>Set one: <code>curl -X POST -H 'content-type: application/json' -d '{"service":"n8n","fault":"down"}' …/faults</code><br>
Clear all: <code>curl -X DELETE …/faults</code></p>
<h2>Settings</h2>
<pre>${escape(JSON.stringify(settings, null, 2))}</pre>
<p>What came in: <a href="/requests">/requests</a>, per ten seconds: <a href="/requests/summary">/requests/summary</a>; e-mails and messages that would be with somebody now: <a href="/arrived">/arrived</a></p>
</body></html>
`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
