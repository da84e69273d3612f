// The files as they stand in `golden/`, byte for byte. `UPDATE_GOLDEN=1` writes them anew, for a look at what changed.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { encodeFile } from '../src/encode.ts';
import { EXPORT_FORMATS, exportFiles } from '../src/index.ts';
import { input } from './people.ts';

const folder = join(import.meta.dirname, 'golden');
const seen = new Set<string>();

describe('golden files', () => {
  for (const format of EXPORT_FORMATS)
    it(format, () => {
      for (const file of exportFiles(format, input)) {
        const bytes = encodeFile(file);
        const place = `${format}--${file.name}`;
        seen.add(place);
        if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(join(folder, place), bytes);
        assert.ok(Buffer.from(bytes).equals(readFileSync(join(folder, place))), `${place} differs`);
      }
    });
  after(() =>
    assert.deepEqual(
      readdirSync(folder).filter((file) => !seen.has(file)),
      [],
    ),
  );
});
