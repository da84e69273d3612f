// Take a vehicle: typed number, hand scanner, or camera where the page is secure.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Shift } from '@tongche/contract';
import { ApiError } from '@tongche/ui';
import { api } from '../api.ts';
import type { Context } from '../context.ts';
import { listenToWedge, scanWithCamera } from '../scanner.ts';

/** Short codes are typed in groups, in any case, with or without spaces. */
const codeLength = 16;

export function TakeVehicle({
  context,
  onShift,
}: {
  readonly context: Context;
  readonly onShift: (shift: Shift) => void;
}) {
  const { t, language } = context;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [camera, setCamera] = useState(false);
  const video = useRef<HTMLVideoElement>(null);
  const field = useRef<HTMLInputElement>(null);

  async function take(code: string): Promise<void> {
    if (code.trim() === '') return;
    setBusy(true);
    setProblem('');
    try {
      onShift(await api.take(code.trim()));
    } catch (error) {
      setProblem(error instanceof ApiError ? error.texts[language] : t('notACode'));
      field.current?.select();
    } finally {
      setBusy(false);
    }
  }

  useEffect(() => listenToWedge((text) => void take(text)), []);
  useEffect(() => {
    if (!camera || video.current === null) return undefined;
    let stop = () => {};
    let gone = false;
    scanWithCamera(video.current, (text) => {
      setCamera(false);
      void take(text);
    }).then(
      (stopScan) => {
        stop = stopScan;
        if (gone) stop();
      },
      () => {
        setCamera(false);
        setProblem(t('cameraDenied'));
      },
    );
    return () => {
      gone = true;
      stop();
    };
  }, [camera]);

  return (
    <main class="narrow">
      <h1>{t('takeTitle')}</h1>
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void take(field.current?.value ?? '');
        }}
      >
        <p class="lead">{t('takeLead')}</p>
        <label class="field">
          <span>{t('shortCode')}</span>
          <input
            ref={field}
            class="code"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            maxLength={codeLength}
            required
          />
        </label>
        <p class="problem" role="alert">
          {problem}
        </p>
        <button class="main" disabled={busy}>
          {busy ? t('taking') : t('take')}
        </button>
        {isSecureContext && (
          <button type="button" class="second" onClick={() => setCamera(!camera)}>
            {camera ? t('cameraStop') : t('camera')}
          </button>
        )}
        {camera && <video ref={video} class="camera" playsInline muted />}
        <p class="hint">{t('scannerHint')}</p>
      </form>
    </main>
  );
}
