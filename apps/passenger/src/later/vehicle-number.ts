// The vehicle: its plate for the card above the form, and the number typed by hand where a code is unknown or torn.
import type { CodeView } from '@tongche/contract';
import { parseShortCode } from '@tongche/protocol/formats';
import type { App } from '../app.ts';
import { ask } from '../ride/net.ts';
import { $, on, show, text } from '../view/dom.ts';

export interface VehicleNumber {
  found(): CodeView | undefined;
  /** Asks the platform what this code hangs in. Says nothing about anybody. */
  describe(): Promise<void>;
  draw(): void;
}

export function vehicleNumber(app: App): VehicleNumber {
  const { phone } = app;
  const base = `${phone.settings.platformUrl}/v1/codes`;
  let vehicle: CodeView | undefined;
  let described: string | undefined;
  let wanted = false;

  async function describe(): Promise<void> {
    const code = app.ride?.code.slice(0, 11);
    if (code === undefined || described === code) return;
    described = code;
    const answer = await ask<CodeView>(`${base}/${code}`);
    if (answer.status === 200) vehicle = answer.body;
    const unusable = answer.code === 'unknown-code' || answer.code === 'code-revoked';
    if (unusable && app.flow.phase === 'first') {
      app.flow = { ...app.flow, phase: answer.code === 'unknown-code' ? 'number' : 'revoked' };
    }
    app.draw();
  }

  async function find(): Promise<void> {
    const typed = parseShortCode($<HTMLInputElement>('vehicle').value);
    const answer = typed.ok ? await ask<CodeView>(`${base}/resolve`, { shortCode: typed.value }) : undefined;
    const found = answer?.status === 200;
    show('numberProblem', !found);
    const unknown = answer === undefined || answer.status === 400 || answer.status === 404;
    text('numberProblem', app.words.t(unknown ? 'notFound' : answer.status === undefined ? 'network' : 'failed'));
    if (!found) return;
    vehicle = answer.body;
    described = answer.body.code;
    wanted = false;
    $<HTMLInputElement>('vehicle').value = '';
    const { ride } = app;
    const moves = ride !== undefined && ['unknown', 'held', 'refused'].includes(ride.status);
    await app.scan(answer.body.code, moves ? ride : undefined);
  }

  on('numberForm', 'submit', (event) => {
    event.preventDefault();
    void find();
  });
  on('enterNumber', 'click', () => {
    wanted = true;
    app.draw();
    $('vehicle').focus();
  });

  return {
    found: () => vehicle,
    describe,
    draw() {
      const viewing = !$('view').hidden;
      const idle = app.ride === undefined && !app.working;
      const { phase } = app.flow;
      const troubled = app.ride !== undefined && (phase === 'number' || phase === 'revoked');
      show('numberForm', (phase === 'number' ? troubled : wanted && (idle || troubled)) && !viewing);
      show('enterNumber', (idle || (troubled && phase === 'revoked')) && !wanted && !viewing);
    },
  };
}
