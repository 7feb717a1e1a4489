// The little Markdown that assistants write, turned into DOM nodes. Text stays text: nothing here ever parses HTML.

/** Fills `target` with the nodes of a Markdown text. */
export function renderMarkdown(target, text) {
  target.replaceChildren(...blocks(text.replaceAll('\r\n', '\n').split('\n')))
}

const BULLET = /^\s*[-*•]\s+(.*)$/
const NUMBER = /^\s*\d{1,3}[.)]\s+(.*)$/
const HEADING = /^#{1,6}\s+(.*)$/
const TABLE_ROW = /^\s*\|(.+)\|\s*$/
const TABLE_RULE = /^\s*\|(?:\s*:?-+:?\s*\|)+\s*$/

function blocks(lines) {
  const nodes = []
  let index = 0
  while (index < lines.length) {
    const line = lines[index]
    const take = (matches) => {
      const from = index
      while (index < lines.length && matches(lines[index])) index += 1
      return lines.slice(from, index)
    }
    if (line.trim() === '') {
      index += 1
    } else if (line.startsWith('```')) {
      index += 1
      const code = take((next) => !next.startsWith('```'))
      index += 1
      nodes.push(element('pre', element('code', code.join('\n'))))
    } else if (HEADING.test(line)) {
      nodes.push(withClass('heading', element('p', ...inline(HEADING.exec(line)[1]))))
      index += 1
    } else if (TABLE_ROW.test(line) && TABLE_RULE.test(lines[index + 1] ?? '')) {
      nodes.push(withClass('table-scroll', element('div', table(take((next) => TABLE_ROW.test(next))))))
    } else if (BULLET.test(line)) {
      nodes.push(
        element(
          'ul',
          ...items(
            take((next) => BULLET.test(next)),
            BULLET,
          ),
        ),
      )
    } else if (NUMBER.test(line)) {
      nodes.push(
        element(
          'ol',
          ...items(
            take((next) => NUMBER.test(next)),
            NUMBER,
          ),
        ),
      )
    } else {
      nodes.push(paragraph(take((next) => next.trim() !== '' && !startsBlock(next))))
    }
  }
  return nodes
}

function startsBlock(line) {
  return BULLET.test(line) || NUMBER.test(line) || HEADING.test(line) || line.startsWith('```')
}

function paragraph(lines) {
  const nodes = lines.flatMap((line, index) => (index === 0 ? inline(line) : [element('br'), ...inline(line)]))
  return element('p', ...nodes)
}

function items(lines, pattern) {
  return lines.map((line) => element('li', ...inline(pattern.exec(line)[1])))
}

function table([head, , ...rows]) {
  const cells = (line) =>
    TABLE_ROW.exec(line)[1]
      .split('|')
      .map((cell) => inline(cell.trim()))
  const row = (line, name) => element('tr', ...cells(line).map((cell) => element(name, ...cell)))
  return element('table', element('thead', row(head, 'th')), element('tbody', ...rows.map((line) => row(line, 'td'))))
}

/** Bold, emphasis, code and links; a link is one only to the web or to a mail address. */
function inline(text) {
  const nodes = []
  const pattern =
    /\*\*(?<bold>[^*]+)\*\*|(?<![\w*])[*_](?<emphasis>[^*_\s](?:[^*_]*[^*_\s])?)[*_](?![\w*])|`(?<code>[^`]+)`|\[(?<label>[^\]]+)\]\((?<url>(?:https?:\/\/|mailto:)[^\s)]+)\)/g
  let end = 0
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) nodes.push(document.createTextNode(text.slice(end, match.index)))
    const { bold, emphasis, code, label, url } = match.groups
    if (bold !== undefined) nodes.push(element('strong', bold))
    else if (emphasis !== undefined) nodes.push(element('em', emphasis))
    else if (code !== undefined) nodes.push(element('code', code))
    else nodes.push(link(label, url))
    end = match.index + match[0].length
  }
  if (end < text.length) nodes.push(document.createTextNode(text.slice(end)))
  return nodes
}

function link(label, url) {
  const node = element('a', label)
  node.href = url
  node.rel = 'noopener noreferrer'
  node.target = '_blank'
  return node
}

function element(name, ...children) {
  const node = document.createElement(name)
  node.append(...children)
  return node
}

function withClass(name, node) {
  node.className = name
  return node
}
