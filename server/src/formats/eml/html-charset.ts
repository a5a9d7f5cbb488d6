const declaration = /(<meta[^>]{0,200}charset\s{0,9}=\s{0,9}["']?)([\w:.-]{1,60})/gi
const xmlDeclaration = /^(\s{0,99}<\?xml[^>]{0,200}encoding\s{0,9}=\s{0,9}["'])([\w:.-]{1,60})/i
/** A declaration stands in the head; what follows is text that may only look like one. */
const headLength = 65_536

/** The charset that an HTML document declares of itself within its first 2 KB; empty when it does not. */
export const charsetInHtml = (bytes: Buffer): string =>
  /<meta[^>]{0,200}charset\s{0,9}=\s{0,9}["']?([\w-]{1,60})/i.exec(bytes.toString('latin1', 0, 2_048))?.[1] ?? ''

/** Lets every charset declaration of a document say UTF-8; adds none. */
export const declareUtf8 = (html: string): string =>
  html.slice(0, headLength).replace(xmlDeclaration, '$1utf-8').replace(declaration, '$1utf-8') + html.slice(headLength)
