import { escapeHtml as html } from '../escape-html.ts'
import { methodsMetadata } from './metadata.ts'
import { fieldRows } from './type-text.ts'

type Method = ReturnType<typeof methodsMetadata>[number]

const table = (caption: string, schema: Method['params'], isInput: boolean): string => {
  const rows = fieldRows(schema)
  if (rows.length === 0) return `<p>${html(caption)}: none.</p>`
  const cells = rows.map(
    ({ name, type, isRequired, description }) =>
      `<tr><th scope="row"><code>${html(name)}</code></th><td>${html(type)}</td>${
        isInput ? `<td>${isRequired ? 'required' : 'optional'}</td><td>${html(description)}</td>` : ''
      }</tr>`,
  )
  const head = isInput
    ? '<th scope="col">Name</th><th scope="col">Type</th><th scope="col">Needed</th><th scope="col">Meaning</th>'
    : '<th scope="col">Name</th><th scope="col">Type</th>'
  return `<div class="wide" tabindex="0" role="group" aria-label="${html(caption)}"><table><caption>${html(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${cells.join('')}</tbody></table></div>`
}

const section = (method: Method): string => {
  const isAsync = method.kind === 'async'
  const answer = isAsync
    ? `<p>Answers at once with <code>statusToken</code> and <code>statusUrl</code>${fieldRows(method.accepted ?? {})
        .map(({ name }) => `, <code>${html(name)}</code>`)
        .join('')}.</p>`
    : ''
  return `<section aria-labelledby="${method.name}">
<h2 id="${method.name}">${method.name}</h2>
<p>${html(method.summary)}</p>
<p class="facts">${method.kind} · needs the right to ${method.access} · <code>POST /JSON/Invoke/${method.name}</code></p>
${table(`Parameters of ${method.name}`, method.params, true)}
${answer}
${table(`${isAsync ? 'Result in the status' : 'Result'} of ${method.name}`, method.result, false)}
</section>`
}

/** A page of all methods, for people: no script, and styled by a file of its own. */
export const methodPage = (): string => {
  const methods = methodsMetadata()
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Methods · Stillbox</title>
<link rel="stylesheet" href="/methods.css">
</head>
<body>
<header>
<h1>Methods of Stillbox</h1>
<p>Send a <code>POST</code> with Basic authentication or an access token (<code>Authorization: Bearer</code>) to <code>/JSON/Invoke/&lt;Method&gt;</code>, parameters as a form in
UTF-8 (lists separated by commas) or as JSON. The same methods answer in XML at <code>/XML/Invoke/&lt;Method&gt;</code> and
as JSON-RPC 2.0 at <code>/rpc</code>. For programs: <a href="/metadata.json">metadata</a>, <a href="/openapi.json">OpenAPI</a>.</p>
<nav aria-label="Methods"><ul>${methods.map(({ name }) => `<li><a href="#${name}">${name}</a></li>`).join('')}</ul></nav>
</header>
<main>
${methods.map(section).join('\n')}
</main>
</body>
</html>
`
}

export const methodPageStyle = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1, h2 { line-height: 1.2; }
nav ul { columns: 14rem; padding-left: 1.25rem; }
nav a { display: inline-block; padding: 0.25rem 0; }
section { border-top: 1px solid GrayText; margin-top: 2rem; padding-top: 0.5rem; }
code { font: 0.9em ui-monospace, monospace; overflow-wrap: break-word; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
caption { text-align: left; font-weight: 600; padding-bottom: 0.25rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.75rem 0.3rem 0; border-bottom: 1px solid color-mix(in srgb, GrayText 40%, transparent); }
thead th { font-weight: 600; }
tbody th { font-weight: 400; }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
`
