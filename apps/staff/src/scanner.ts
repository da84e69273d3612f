// Two ways to read a vehicle code without typing: a keyboard-wedge hand scanner anywhere on the page, and the camera where
// the page is secure. The camera's pictures never leave the page.

/** A hand scanner types this fast; a person does not. */
const wedgeGapMs = 60;
const wedgeMinLength = 6;
/** How often a camera picture is looked at. */
const cameraEveryMs = 250;

/** Calls `onCode` with what a hand scanner typed (it ends with Enter). Returns how to stop listening. */
export function listenToWedge(onCode: (text: string) => void): () => void {
  let typed = '';
  let lastMs = 0;
  function onKey(event: KeyboardEvent): void {
    const gapMs = event.timeStamp - lastMs;
    lastMs = event.timeStamp;
    if (event.key === 'Enter') {
      if (typed.length >= wedgeMinLength && gapMs < wedgeGapMs) {
        event.preventDefault();
        onCode(typed);
      }
      typed = '';
      return;
    }
    if (event.key.length !== 1) return;
    typed = gapMs < wedgeGapMs ? typed + event.key : event.key;
  }
  addEventListener('keydown', onKey, true);
  return () => removeEventListener('keydown', onKey, true);
}

interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}

async function makeDetector(): Promise<Detector> {
  const Native = (
    globalThis as {
      BarcodeDetector?: { new (options: object): Detector; getSupportedFormats(): Promise<readonly string[]> };
    }
  ).BarcodeDetector;
  if (Native !== undefined && (await Native.getSupportedFormats()).includes('qr_code'))
    return new Native({ formats: ['qr_code'] });
  const { zxingDetector } = await import('./zxing.ts');
  return zxingDetector();
}

/** Shows the camera in `video` and calls `onCode` for the first code seen. Throws where there is no camera or no permission. */
export async function scanWithCamera(video: HTMLVideoElement, onCode: (text: string) => void): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
  video.srcObject = stream;
  await video.play();
  const detector = await makeDetector();
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  function stop(): void {
    stopped = true;
    clearTimeout(timer);
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
  async function look(): Promise<void> {
    if (stopped) return;
    const [found] = await detector.detect(video).catch(() => []);
    if (stopped) return;
    if (found !== undefined && found.rawValue !== '') {
      stop();
      onCode(found.rawValue);
      return;
    }
    timer = setTimeout(() => void look(), cameraEveryMs);
  }
  void look();
  return stop;
}
