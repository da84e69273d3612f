// What a sticker says, and whose it is.

export interface Name {
  readonly zh: string;
  readonly en: string;
}

export interface Sticker {
  /** Content of the QR. */
  readonly url: string;
  /** Seven characters, printed in two groups, for those who cannot scan. */
  readonly shortCode: string;
  readonly plate?: string | undefined;
  readonly label: Name;
  readonly line?: Name | undefined;
  /** Number on the sheet by which the printer and the depot find this sticker. */
  readonly serial: string;
  /** Place in the train, from 1. */
  readonly carriageNo?: number | undefined;
  readonly purpose: 'passenger' | 'crew';
  /** Decides whom a rider without a phone asks. Absent: as the template suggests. */
  readonly kind?: 'bus' | 'carriage' | 'station' | 'taxi' | 'coach' | 'ferry' | undefined;
}

export interface Branding {
  readonly city: Name;
  readonly authority: Name;
  /** Host name a rider should see after scanning. */
  readonly host: string;
  /** 12328: the transport hotline. */
  readonly hotline: string;
  /** #rrggbb of heads and frames. Greens are refused: green means "registered" and nothing else. */
  readonly colour: string;
}

/** City and authority as one line; an authority that begins with its city says both. */
export function ownerName({ city, authority }: Pick<Branding, 'city' | 'authority'>): Name {
  const says = authority.zh.startsWith(city.zh) && authority.zh !== '';
  const zh = says ? authority.zh : [city.zh, authority.zh].filter((part) => part !== '').join(' · ');
  return { zh, en: authority.en === '' ? city.en : authority.en };
}

/** Groups of the short code: 3 + 4 are read and typed with fewer slips than 7 in a row. */
export function groupedCode(shortCode: string): string {
  return `${shortCode.slice(0, 3)} ${shortCode.slice(3)}`;
}
