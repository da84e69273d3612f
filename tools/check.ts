// `npm run check`: types, lint, format, dead code, and generated documents that went stale.
import { checks } from './checks.ts';
import { runParts } from './parts.ts';

process.exitCode = await runParts(checks);
