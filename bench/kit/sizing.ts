// What a place of a given size needs, computed from measured figures: rows, bytes, processor cores, servers. Pure, so that
// docs/sizing.md can be made from it and held to it.

/** Measured; each with where it comes from in sizing-inputs.ts. */
export interface Figures {
  /** Processor time of the platform's Node for one ride, from the socket to the answer. */
  readonly nodeMicros: number;
  /** Processor time of PostgreSQL for the same ride. */
  readonly postgresMicros: number;
  /** Row and indexes of a ride on the day it is written, and after the night in which its day was rewritten in order. */
  readonly hotBytes: number;
  readonly sealedBytes: number;
  /** Of hotBytes, what lies in the index by tag, which is written at random places. */
  readonly tagIndexBytes: number;
  /** Of hotBytes, what lies in the primary key, written at the end of each code's stretch. */
  readonly keyIndexBytes: number;
  /** A stop note with its index. */
  readonly noteBytes: number;
  /** WAL of a ride that changes no page for the first time since a checkpoint. */
  readonly walBytes: number;
  /** Image of a page in the WAL when it changes for the first time since a checkpoint, compressed. */
  readonly pageImageBytes: number;
  /** A ride's request and answer on the wire with HTTP and TLS, connection set-up included. */
  readonly wireInBytes: number;
  readonly wireOutBytes: number;
  /** Wallets the registrar makes in a second of one core. */
  readonly walletsPerCore: number;
  /** Envelopes the vault opens in a second of one core. */
  readonly envelopesPerCore: number;
}

/** Chosen, not measured. */
export interface Assumptions {
  readonly retentionDays: number;
  /** Days whose rides are not rewritten yet: today, yesterday, and a day that was late. */
  readonly hotDays: number;
  /** Notes for each registered ride: not everybody's phone sends them. */
  readonly notesPerRide: number;
  /** Rides of one rider a day. */
  readonly ridesPerRider: number;
  /** A wallet lasts so many days before a phone fetches the next. */
  readonly walletDays: number;
  /** Busiest second against the day's mean, for everything that has no peak of its own. */
  readonly peakFactor: number;
  /** Cores are planned to be so busy at the peak. */
  readonly utilisation: number;
  /** Disks are planned to be so full. */
  readonly fill: number;
  /** Copies beside the primary: one synchronous, one more. */
  readonly standbys: number;
  readonly checkpointMinutes: number;
  /** Leaf pages of an index are so full. */
  readonly pageFill: number;
  /** What one database server holds before rides are spread over several, and what one Citus worker holds. */
  readonly serverBytes: number;
  /** Rides a printed code sees on a day. */
  readonly ridesPerCode: number;
  /** Envelopes the vault opens for one case. */
  readonly envelopesPerCase: number;
}

export interface Place {
  readonly name: string;
  readonly ridesPerDay: number;
  /** Scans in the busiest second. */
  readonly peakPerSecond: number;
}

export interface Sizing {
  readonly rows: number;
  readonly rowsPerDay: number;
  readonly meanPerSecond: number;
  readonly peakPerSecond: number;
  readonly dataBytes: number;
  readonly diskBytes: number;
  readonly hotIndexBytes: number;
  readonly memoryBytes: number;
  readonly walBytesPerRide: number;
  readonly walBytesPerDay: number;
  readonly walBytesPerSecondAtPeak: number;
  readonly nodeCores: number;
  readonly postgresCores: number;
  readonly platformProcesses: number;
  readonly registrarCores: number;
  /** Cases whose envelopes one core of the vault opens in a day, busy as planned. */
  readonly casesPerVaultCore: number;
  readonly wireInBitsPerSecond: number;
  readonly wireOutBitsPerSecond: number;
  /** To all standbys together. */
  readonly replicationBitsPerSecond: number;
  readonly commitsPerSecond: number;
  readonly pageWritesPerSecond: number;
  /** 0: one primary with its standbys; else Citus workers, each with as many. */
  readonly workers: number;
  readonly databaseServers: number;
}

const secondsOfDay = 86_400;
const pageBytes = 8_192;
const micros = 1e6;
/** A batch waits 2 ms for company and is written in about as long; two are under way. Group commit only lowers this. */
const commitsPerProcess = 500;
/** Operating system, connections, maintenance. */
const baseMemoryBytes = 8 * 2 ** 30;
/** Every process must be able to be stopped at the peak. */
const fewestProcesses = 2;

/** Pages of an index of so many bytes that change at least once while so many rows go to random places of it. */
export function pagesTouched(indexBytes: number, rows: number, pageFill: number): number {
  const pages = indexBytes / (pageBytes * pageFill);
  return pages === 0 ? 0 : pages * (1 - Math.exp(-rows / pages));
}

interface Wal {
  readonly bytesPerRide: number;
  readonly pagesPerSecond: number;
}

/** Full page images are most of the WAL: one for each index page that changes between two checkpoints. */
function walOf(rowsPerDay: number, figures: Figures, assumptions: Assumptions): Wal {
  const { checkpointMinutes, pageFill, ridesPerCode } = assumptions;
  const seconds = checkpointMinutes * 60;
  const rides = (rowsPerDay / secondsOfDay) * seconds;
  // In the mean of the day the index by tag is half of what it becomes.
  const tagPages = pagesTouched((rowsPerDay * figures.tagIndexBytes) / 2, rides, pageFill);
  // A code's rides of the day lie together: one page at the end of each, as far as they do not share pages.
  const codes = rowsPerDay / ridesPerCode;
  const keyPages = Math.min(
    codes * (1 - Math.exp(-rides / codes)),
    pagesTouched((rowsPerDay * figures.keyIndexBytes) / 2, rides, pageFill),
  );
  const heapPages = (rides * (figures.hotBytes - figures.tagIndexBytes - figures.keyIndexBytes)) / pageBytes;
  return {
    bytesPerRide: figures.walBytes + ((tagPages + keyPages) * figures.pageImageBytes) / rides,
    pagesPerSecond: (tagPages + keyPages + heapPages) / seconds,
  };
}

/** `share`: how many of the scans' rides are registered, 0..1. */
export function sizeOf(place: Place, share: number, figures: Figures, assumptions: Assumptions): Sizing {
  const a = assumptions;
  const rowsPerDay = place.ridesPerDay * share;
  const peakPerSecond = place.peakPerSecond * share;
  const sealedDays = a.retentionDays - a.hotDays;
  const rideBytes = a.hotDays * figures.hotBytes + sealedDays * figures.sealedBytes;
  const dataBytes = rowsPerDay * (rideBytes + a.retentionDays * a.notesPerRide * figures.noteBytes);
  const wal = walOf(rowsPerDay, figures, a);
  // At night the day before is rewritten in order: it passes through the WAL once more.
  const walBytesPerDay = rowsPerDay * (wal.bytesPerRide + figures.sealedBytes);
  const hotIndexBytes = rowsPerDay * (figures.tagIndexBytes + figures.keyIndexBytes);
  const nodeCores = (peakPerSecond * figures.nodeMicros) / micros / a.utilisation;
  const platformProcesses = Math.max(fewestProcesses, Math.ceil(nodeCores) + 1);
  const walletsPerSecond = (rowsPerDay / a.ridesPerRider / a.walletDays / secondsOfDay) * a.peakFactor;
  const diskBytes = (dataBytes + walBytesPerDay) / a.fill;
  const walBytesPerSecondAtPeak = peakPerSecond * wal.bytesPerRide;
  const workers = diskBytes <= a.serverBytes ? 0 : Math.max(2, Math.ceil(diskBytes / a.serverBytes));
  return {
    rows: rowsPerDay * a.retentionDays,
    rowsPerDay,
    meanPerSecond: rowsPerDay / secondsOfDay,
    peakPerSecond,
    dataBytes,
    diskBytes,
    hotIndexBytes,
    memoryBytes: baseMemoryBytes * Math.max(1, workers) + 2 * hotIndexBytes,
    walBytesPerRide: wal.bytesPerRide,
    walBytesPerDay,
    walBytesPerSecondAtPeak,
    nodeCores,
    postgresCores: (peakPerSecond * figures.postgresMicros) / micros / a.utilisation,
    platformProcesses,
    registrarCores: walletsPerSecond / figures.walletsPerCore / a.utilisation,
    casesPerVaultCore: (figures.envelopesPerCore * secondsOfDay * a.utilisation) / a.envelopesPerCase,
    wireInBitsPerSecond: peakPerSecond * figures.wireInBytes * 8,
    wireOutBitsPerSecond: peakPerSecond * figures.wireOutBytes * 8,
    replicationBitsPerSecond: walBytesPerSecondAtPeak * 8 * a.standbys,
    commitsPerSecond: Math.min(peakPerSecond, platformProcesses * commitsPerProcess),
    pageWritesPerSecond: wal.pagesPerSecond,
    workers,
    databaseServers: (workers === 0 ? 1 : workers + 1) * (1 + a.standbys),
  };
}
