// Reads subject and text out of a mail of ours, for the development sink: one part, as smtp-gateway.ts makes it.

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** RFC 2047 encoded words; white space between two of them is not part of the text. */
function decodeWords(header: string): string {
  const joined = header.replaceAll(/(=\?[^?]+\?[BQ]\?[^?]*\?=)\s+(?==\?)/gi, '$1');
  return joined.replaceAll(/=\?utf-8\?([BQ])\?([^?]*)\?=/gi, (_word, kind: string, text: string) =>
    kind.toUpperCase() === 'B' ? Buffer.from(text, 'base64').toString('utf8') : decodeQuoted(text.replaceAll('_', ' ')),
  );
}

/** RFC 2045 6.7. */
function decodeQuoted(text: string): string {
  const bytes = text
    .replaceAll(/[ \t]*=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

export function readMail(mail: string): MailText {
  const [head = '', body = ''] = mail.split(/\r?\n\r?\n([\s\S]*)/, 2);
  const headers = head.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const header = (name: string): string =>
    headers
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() ?? '';
  const encoding = header('content-transfer-encoding').toLowerCase();
  const text =
    encoding === 'base64'
      ? Buffer.from(body, 'base64').toString('utf8')
      : encoding === 'quoted-printable'
        ? decodeQuoted(body)
        : body;
  return { subject: decodeWords(header('subject')), text: text.replaceAll('\r\n', '\n').replace(/\n+$/, '') };
}
