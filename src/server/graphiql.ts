import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'

export interface GraphiqlOptions {
  /** What the page signs in with; only for a server that nobody else reaches. */
  key: string
  /** Shown in the editor at first. */
  query: string
  /** As JSON. */
  variables: string
}

/** A foreign name that leads here may be that of a hostile page (DNS rebinding), which must not read the key. */
const THIS_MACHINE: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1'])
const SOURCE = fileURLToPath(new URL('../../graphiql/main.js', import.meta.url))
const CONTENT_TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.ttf': 'font/ttf',
}

/** Serves GraphiQL to browsers at the address of the API, all of it from this server. */
export async function serveGraphiql(fastify: FastifyInstance, path: string, options: GraphiqlOptions): Promise<void> {
  const assets = await bundle()
  fastify.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'GET' || request.url.split('?')[0] !== path) return
    if (!request.headers.accept?.includes('text/html')) return
    const isHere = THIS_MACHINE.has(request.hostname.replace(/^\[|\]$/g, ''))
    return reply.type('text/html; charset=utf-8').send(pageOf(isHere ? options : { ...options, key: '' }))
  })
  fastify.get<{ Params: { file: string } }>('/graphiql/:file', async ({ params }, reply) => {
    const asset = assets.get(params.file)
    if (!asset) return reply.callNotFound()
    return reply.type(CONTENT_TYPES[extname(params.file)] ?? 'application/octet-stream').send(asset)
  })
}

/** By file name. Bundled anew each time: it takes seconds, and cannot be out of date. */
async function bundle(): Promise<ReadonlyMap<string, Buffer>> {
  const { build } = await import('esbuild')
  const outdir = mkdtempSync(join(tmpdir(), 'assay-graphiql-'))
  try {
    await build({
      entryPoints: {
        main: SOURCE,
        'editor.worker': fileURLToPath(import.meta.resolve('monaco-editor/esm/vs/editor/editor.worker.js')),
        'json.worker': fileURLToPath(import.meta.resolve('monaco-editor/esm/vs/language/json/json.worker.js')),
        'graphql.worker': fileURLToPath(import.meta.resolve('monaco-graphql/esm/graphql.worker.js')),
      },
      outdir,
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      define: { 'process.env.NODE_ENV': '"production"' },
      loader: { '.ttf': 'file' },
      assetNames: '[name]',
      logLevel: 'error',
    })
    return new Map(readdirSync(outdir).map((file) => [file, readFileSync(join(outdir, file))]))
  } finally {
    if (existsSync(outdir)) rmSync(outdir, { recursive: true })
  }
}

function pageOf(options: GraphiqlOptions): string {
  // JSON inside a script element ends at the first "</", wherever it stands.
  const data = JSON.stringify(options).replaceAll('<', '\\u003c')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Assay GraphiQL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/graphiql/main.css">
<style>html, body, #graphiql { height: 100%; margin: 0 }</style>
<div id="graphiql"></div>
<script type="application/json" id="assay">${data}</script>
<script type="module" src="/graphiql/main.js"></script>
</html>
`
}
