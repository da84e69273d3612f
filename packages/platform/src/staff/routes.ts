// What the staff page asks.
import type { App } from '@tongche/http';
import type { Platform } from '../platform.ts';

export function staffRoutes(_app: App, _platform: Platform): void {}
