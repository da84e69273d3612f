// A short two-tone chime for each registration, unlocked by the tap that starts the trip. The word is spoken where a voice exists.
import type { Language } from './words.ts';

let context: AudioContext | undefined;
/** Many passengers at one stop: at most one chime in this time. */
const quietMs = 700;
let lastMs = 0;

/** Called from a tap: browsers let sound begin only there. */
export function unlockSound(): void {
  context ??= new AudioContext();
  void context.resume();
}

function tone(at: AudioContext, frequency: number, startS: number, lengthS: number): void {
  const oscillator = at.createOscillator();
  const gain = at.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0.0001, startS);
  gain.gain.exponentialRampToValueAtTime(0.25, startS + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, startS + lengthS);
  oscillator.connect(gain).connect(at.destination);
  oscillator.start(startS);
  oscillator.stop(startS + lengthS);
}

export function chime(text: string, language: Language, nowMs: number): void {
  if (context?.state !== 'running' || nowMs - lastMs < quietMs) return;
  lastMs = nowMs;
  tone(context, 880, context.currentTime, 0.14);
  tone(context, 1318.5, context.currentTime + 0.12, 0.22);
  if (!('speechSynthesis' in globalThis)) return;
  const voice = speechSynthesis.getVoices().find((each) => each.lang.startsWith(language));
  if (voice === undefined) return;
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.voice = voice;
  utterance.lang = voice.lang;
  speechSynthesis.speak(utterance);
}
