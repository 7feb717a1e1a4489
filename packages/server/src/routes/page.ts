import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'

const FILES = [
  { url: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { url: '/page/style.css', file: 'style.css', type: 'text/css; charset=utf-8' },
  { url: '/page/chat.js', file: 'chat.js', type: 'text/javascript; charset=utf-8' },
  { url: '/page/markdown.js', file: 'markdown.js', type: 'text/javascript; charset=utf-8' },
  { url: '/page/services.js', file: 'services.js', type: 'text/javascript; charset=utf-8' },
  { url: '/page/conflicts', file: 'conflicts.html', type: 'text/html; charset=utf-8' },
  { url: '/page/conflicts.css', file: 'conflicts.css', type: 'text/css; charset=utf-8' },
  { url: '/page/conflicts.js', file: 'conflicts.js', type: 'text/javascript; charset=utf-8' },
  { url: '/page/icon.svg', file: 'icon.svg', type: 'image/svg+xml' },
] as const

/** The chat page, the page of conflicts and their files: a fixed list, read once, so that no path that comes in is ever looked up. They are not compiled. */
export async function pageRoutes(app: FastifyInstance): Promise<void> {
  for (const { url, file, type } of FILES) {
    const content = await readFile(new URL(`../../src/page/${file}`, import.meta.url))
    app.get(url, async (_request, reply) => {
      await reply.type(type).header('cache-control', 'no-cache').send(content)
    })
  }
}
