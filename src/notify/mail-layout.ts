/**
 * A message as mail: plain text, and the same in HTML. Nothing in it is fetched: no image, no style sheet, no font, so that
 * opening it tells nobody. It reads at 320 px, and in the dark where the mail program lets it.
 */
import type { Message } from './message.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (found) => ENTITIES[found] ?? '')

/** Text blocks with an empty line between them. */
export const plainText = ({ title, paragraphs, items, link, closing }: Message): string =>
  [
    title,
    items.map((item) => `- ${item}`).join('\n'),
    ...paragraphs,
    link === null ? '' : `${link.label}:\n${link.href}`,
    ...closing,
  ]
    .filter((block) => block !== '')
    .join('\n\n')
    .concat('\n')

const STYLE = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 0; background: #f5f3ee; color: #23292b; }
main { max-width: 34rem; margin: 0 auto; padding: 24px 20px 32px; }
h1 { font-size: 22px; line-height: 1.3; margin: 0 0 16px; font-weight: 600; }
p, li { font-size: 16px; line-height: 1.55; margin: 0 0 14px; overflow-wrap: anywhere; }
ul { margin: 0 0 14px; padding-inline-start: 20px; }
a.action { display: inline-block; background: #1f5a57; color: #ffffff; text-decoration: none; font-weight: 600;
  padding: 13px 22px; border-radius: 10px; }
.closing { border-top: 1px solid #d9d5ca; margin-top: 24px; padding-top: 16px; }
.closing p { font-size: 14px; color: #566063; }
@media (prefers-color-scheme: dark) {
  body { background: #14191a; color: #e8e6e0; }
  a.action { background: #9ad1c9; color: #10201f; }
  .closing { border-color: #364043; }
  .closing p { color: #aeb8ba; }
}`

const FONT = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif"

const paragraph = (text: string): string => `<p>${escaped(text)}</p>`

export const html = ({
  language,
  dir,
  title,
  paragraphs,
  items,
  link,
  closing,
}: Message): string => `<!doctype html>
<html lang="${language}" dir="${dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${STYLE}
</style>
</head>
<body style="font-family: ${FONT};">
<main lang="${language}" dir="${dir}">
<h1>${escaped(title)}</h1>
${items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`}
${paragraphs.map(paragraph).join('\n')}
${link === null ? '' : `<p><a class="action" href="${escaped(link.href)}">${escaped(link.label)}</a></p>`}
<div class="closing">
${closing.map(paragraph).join('\n')}
</div>
</main>
</body>
</html>
`
