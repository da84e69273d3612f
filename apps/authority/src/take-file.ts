// Fetches a file from casework and hands it to the browser to keep.
import type { ErrorBody } from '@tongche/contract';
import { ApiError } from '@tongche/ui';

/** The vault reads every contact of the case. */
const answerWithinMs = 60_000;
/** The browser reads the address at once; some do so a moment later. */
const keepAddressMs = 10_000;

const offline = { zh: '没有网络，或服务器没有回应。', en: 'No network, or the server does not answer.' };

/** Resolves once the file is here and offered under the server's name; refusals become `ApiError`. */
export async function takeFile(path: string): Promise<void> {
  const response = await fetch(`/api${path}`, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json' },
    body: '{}',
    signal: AbortSignal.timeout(answerWithinMs),
  }).catch(() => {
    throw new ApiError('offline', offline);
  });
  if (!response.ok) {
    const body = (await response.json().catch(() => undefined)) as ErrorBody | undefined;
    throw new ApiError(body?.error.code ?? 'internal', body?.error.message ?? offline);
  }
  const blob = await response.blob().catch(() => {
    throw new ApiError('offline', offline);
  });
  const name = /filename="([\w.-]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? 'contacts';
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), keepAddressMs);
}
