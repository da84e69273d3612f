// Builds the passenger's pages: each HTML file carries its style and script inline, so that a first scan is one request.
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Features, transform } from 'lightningcss';
import { build, mergeConfig } from 'vite';
import shared from './vite.config.ts';

const here = import.meta.dirname;
const version = sourcesDigest();
const out = join(here, 'dist');
/** The page with sealing and one language, compressed. The reason is a first scan on a slow network. */
const MAX_PAGE_GZ_BYTES = 12 * 1024;
/** The assist form and the notice page carry both languages. */
const MAX_OTHER_GZ_BYTES = 18 * 1024;

type Words = Readonly<Record<string, string>>;
const words = (name: string): Words =>
  JSON.parse(readFileSync(join(here, 'src/i18n', `${name}.json`), 'utf8')) as Words;

/** Vite leaves the white space of ES libraries alone, so a chunk is built as a page's entry that keeps its exports. */
function entryChunk(entry: string) {
  const output = { format: 'es' as const, minify: true, codeSplitting: false };
  return { rolldownOptions: { input: join(here, 'src', entry), preserveEntrySignatures: 'strict' as const, output } };
}
function inline(entry: string) {
  return { lib: { entry: join(here, 'src', entry), formats: ['iife' as const], name: 'tongche', fileName: 'out' } };
}

/**
 * One self-contained script. `instead`: a dictionary that is replaced, by file name; what stands in the page's own elements
 * need not stand in its script.
 */
async function bundle(
  entry: string,
  format: 'iife' | 'es',
  instead: Readonly<Record<string, Words>> = {},
): Promise<string> {
  const plugin = {
    name: 'rest-of-words',
    enforce: 'pre' as const,
    load: (id: string) => {
      const found = instead[basename(id)];
      return found === undefined ? undefined : JSON.stringify(found);
    },
  };
  const result = await build(
    mergeConfig(shared, {
      configFile: false,
      root: here,
      define: { BUILD: JSON.stringify(version), LATER_RULES: JSON.stringify(rules) },
      plugins: [plugin],
      build: format === 'iife' ? inline(entry) : entryChunk(entry),
    }),
  );
  const outputs = (Array.isArray(result) ? result : [result]) as readonly { readonly output: readonly unknown[] }[];
  const chunk = outputs[0]?.output[0] as { readonly code: string } | undefined;
  if (chunk === undefined) throw new Error(`${entry} gave no output`);
  return chunk.code.trim();
}

function minified(css: string): string {
  const targets = { chrome: 90 << 16, safari: 14 << 16 };
  // Dark mode is two sets of tokens here; the stand-in for light-dark() would be dead weight.
  const exclude = Features.LightDark;
  return transform({ filename: 'page.css', code: Buffer.from(css), minify: true, targets, exclude }).code.toString();
}

const tokens = readFileSync(join(here, '../ui/src/tokens.css'), 'utf8');
const laterCss = readFileSync(join(here, 'src/later/later.css'), 'utf8');
const MAX_CONSTANT_CHARACTERS = 8;

/** Lengths and sizes that no mode changes stand in the rules themselves: shorter than their names. */
function withConstants(css: string): string {
  return css.replace(/var\((--[\w-]+)\)/g, (whole, name: string) => {
    const values = [...tokens.matchAll(new RegExp(`${name}:\\s*([^;]+);`, 'g'))].map((match) => match[1] ?? '');
    const [value = ''] = values;
    return values.length === 1 && value.length <= MAX_CONSTANT_CHARACTERS && !value.startsWith('#') ? value : whole;
  });
}

const rules = minified(withConstants(laterCss)).match(/(?:@[^{]+\{(?:[^{}]*\{[^{}]*\})+\}|[^{}]+\{[^{}]*\})/g) ?? [];

/** Tokens and page as one style sheet, without the tokens that no page uses. */
function style(more: string): string {
  const page = withConstants([readFileSync(join(here, 'src/page.css'), 'utf8'), more].join('\n'));
  const used = page + withConstants(laterCss);
  const kept = tokens.replace(/^\s*(--[\w-]+):[^;]*;\n/gm, (line, name: string) =>
    used.includes(`var(${name})`) ? line : '',
  );
  return minified(kept + page);
}

/** Writes the page's own language into its elements and answers which keys stand there. */
function written(html: string, dictionary: Words): { readonly html: string; readonly keys: ReadonlySet<string> } {
  const keys = new Set<string>();
  const filled = html.replace(/(data-t="([\w-]+)"[^>]*>)(?=<)/g, (whole, opening: string, key: string) => {
    const text = dictionary[key];
    if (text === undefined) return whole;
    keys.add(key);
    return opening + text;
  });
  return { html: filled, keys };
}

/** Faults say where they were thrown; what they say is read by developers, who run the sources. */
function brief(script: string): string {
  return script.replace(/\b((?:Range)?Error)\(`[^`]*`\)/g, '$1()');
}

async function page(name: string, entry: string, language: string, css = ''): Promise<void> {
  const source = readFileSync(join(here, 'src', name), 'utf8').replace(/>\n+</g, '><');
  const dictionary = words(language);
  const { html, keys } = written(source, dictionary);
  const rest = Object.fromEntries(Object.entries(dictionary).filter(([key]) => !keys.has(key)));
  const script = brief(await bundle(entry, 'iife', { [`${language}.json`]: rest }));
  if (script.includes('</script') || script.includes('<!--')) throw new Error('a script would end its own element');
  // Functions, so that a `$` in a script stays what it is.
  const built = html.replace('/*css*/', () => style(css)).replace('/*script*/', () => script);
  writeFileSync(join(out, name), built);
  const bytes = gzipSync(built, { level: 9 }).length;
  console.log(`${name} ${bytes} B gz, script ${gzipSync(script, { level: 9 }).length}`);
  const most = name === 'index.html' ? MAX_PAGE_GZ_BYTES : MAX_OTHER_GZ_BYTES;
  if (bytes > most) throw new Error(`${name} is ${bytes} B compressed, more than ${most}`);
}

/** One digest of every source names all later-loaded parts: a page never meets parts of another build. */
function sourcesDigest(): string {
  const hash = createHash('sha256');
  const roots = [join(here, 'src'), join(here, '../ui/src'), join(here, '../../packages/protocol/src')];
  const files = roots.flatMap((root) =>
    globSync('**/*.{ts,json,css,html}', { cwd: root }).map((file) => join(root, file)),
  );
  files.push(join(here, '../../packages/tracing/src/chaining.ts'));
  for (const file of files.filter((name) => !name.endsWith('.test.ts')).sort()) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 8);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'assets'), { recursive: true });
await page('index.html', 'main.ts', 'zh-CN');
await page('assist.html', 'assist/main.ts', 'zh-CN.assist', laterCss);
await page('notice.html', 'notice/main.ts', 'zh-CN.notice', laterCss);
await page('alias.html', 'alias/main.ts', 'zh-CN.alias');
const english = { ...words('en'), ...words('en.more') };
const asset = (name: string, text: string): void => writeFileSync(join(out, 'assets', `${name}-${version}.js`), text);
asset('later', await bundle('later/main.ts', 'es'));
asset('noble', await bundle('noble.ts', 'es'));
asset('words-en', `export const words=${JSON.stringify(english)}`);
writeFileSync(join(out, 'sw.js'), await bundle('sw.ts', 'iife'));
