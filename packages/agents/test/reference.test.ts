import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  MCP_LISTEN_DEFAULTS,
  MCP_POLICIES,
  MCP_SERVER_DEFAULTS,
  MCP_TOOL_SERVER_DEFAULTS,
  MCP_TOOL_SET_DEFAULTS,
} from '@holdfast/agents/mcp'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const page = read('../../../docs/reference/agents/mcp.md')
const client = (name: string): string => read(`../src/mcp/client/${name}.ts`)
const server = (name: string): string => read(`../src/mcp/server/${name}.ts`)

/** The rows of the table whose first heading begins so, cell by cell. */
function table(heading: string): string[][] {
  const from = page.indexOf(`\n| ${heading}`) + 1
  expect(from, heading).toBeGreaterThan(0)
  const lines = page.slice(from).split('\n')
  return lines.slice(2, lines.indexOf('')).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

const names = (rows: readonly string[][]): string[] =>
  rows.flatMap(([cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)).toSorted()

/** The fields of an interface. */
function fields(source: string, name: string): string[] {
  const body = source.slice(source.indexOf(`export interface ${name} `)).split('\n}')[0] ?? ''
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, field = '']) => field).toSorted()
}

describe('the reference', () => {
  it.each<[string, string, string[]]>([
    ['`McpServerSettings`', client('options'), []],
    ['`McpStdioServer`', client('options'), []],
    ['`McpHttpServer`', client('options'), []],
    ['`McpRegistryOptions`', client('options'), []],
    ['`McpToolSetOptions`', client('tool-set'), ['requestId', 'tenant', 'session', 'operation']],
    ['`McpToolServerOptions`', server('options'), []],
    ['`McpListenOptions`', server('options'), []],
  ])('lists every option of %s, and no other', (heading, source, inherited) => {
    const own = fields(source, heading.replaceAll('`', ''))
    expect(names(table(heading))).toEqual([...own, ...inherited].toSorted())
  })

  it.each<[string, object]>([
    ['`McpServerSettings`', MCP_SERVER_DEFAULTS],
    ['`McpStdioServer`', MCP_SERVER_DEFAULTS],
    ['`McpToolSetOptions`', MCP_TOOL_SET_DEFAULTS],
    ['`McpToolServerOptions`', MCP_TOOL_SERVER_DEFAULTS],
    ['`McpListenOptions`', MCP_LISTEN_DEFAULTS],
  ])('tells the defaults of %s as the code does', (heading, defaults) => {
    const values = defaults as Readonly<Record<string, number | string | boolean>>
    for (const [cell = '', standard = ''] of table(heading)) {
      const value = values[cell.replaceAll('`', '')]
      if (value === undefined) continue
      expect(standard, cell).toContain(typeof value === 'number' ? value.toLocaleString('en-US') : String(value))
    }
  })

  it('tells the ranges and defaults that the doc comments tell', () => {
    for (const source of [client('options'), client('tool-set'), server('options')]) {
      for (const [, comment = '', option = ''] of source.matchAll(/\/\*\* ([^\n]+) \*\/\n {2}readonly (\w+)\?:/g)) {
        const [, range] = / (\S+ to [\d,]+)\. Default/.exec(comment) ?? []
        if (range === undefined) continue
        const row = page.split('\n').find((line) => line.startsWith(`| \`${option}\` `) && line.includes(range))
        expect(row, `${option}: ${range}`).toBeDefined()
      }
    }
  })

  it('tells how servers are guarded when nothing else is said', () => {
    const { breaker, ...rest } = MCP_POLICIES
    const told = table('`MCP_POLICIES`').map(([name = '', value = '']) => [
      name.replaceAll('`', ''),
      value.replaceAll('`', ''),
    ])
    const shown = Object.entries({ ...rest, 'breaker.slowCallMs': breaker.slowCallMs }).map(([name, value]) => [
      name,
      typeof value === 'number' ? value.toLocaleString('en-US') : String(value),
    ])
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(shown))
  })

  it('lists every error of the client with a name of its own, and no other', () => {
    const sources = [client('failures'), client('tool-set')].join('\n')
    const made = new Set([...sources.matchAll(/'(MCP_[A-Z_]+)'/g)].map(([, code = '']) => code))
    const listed = names(table('code ')).filter((name) => name.startsWith('MCP_'))
    expect(listed).toEqual([...made].toSorted())
  })

  it('lists every event, and no other', () => {
    const made = [...client('events').matchAll(/type: '(mcp-[a-z-]+)'/g)].map(([, type = '']) => type)
    expect(names(table('type ').map(([type = '']) => [type]))).toEqual(made.toSorted())
  })

  it('names every export', () => {
    const exported = [...read('../src/mcp/index.ts').matchAll(/\b(?:create|define|Mcp|MCP_)\w+/g)].map(([name]) => name)
    const events = ['McpConnected', 'McpDisconnected', 'McpToolsRead']
    for (const name of exported.filter((one) => !events.includes(one))) expect(page).toContain(`\`${name}\``)
  })
})
