// QR reading where the browser has no detector of its own: loaded only then, from our own origin.
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';

/** Pictures are shrunk to this width: enough for a code that fills a third of it, and fast on a cheap phone. */
const widthPx = 640;

export function zxingDetector(): {
  detect(video: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
} {
  prepareZXingModule({ overrides: { locateFile: () => wasmUrl } });
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return {
    async detect(video) {
      if (context === null || video.videoWidth === 0) return [];
      canvas.width = widthPx;
      canvas.height = Math.round((widthPx * video.videoHeight) / video.videoWidth);
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      const picture = context.getImageData(0, 0, canvas.width, canvas.height);
      const found = await readBarcodes(picture, { formats: ['QRCode'], maxNumberOfSymbols: 1 });
      return found.map((each) => ({ rawValue: each.text }));
    },
  };
}
