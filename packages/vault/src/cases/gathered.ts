// Everything the operator answered for one order, without repetitions.
import type { TraceBinding, TraceBoardings, TraceReply, TraceRide, TraceRun, TraceUnit } from '@tongche/contract';
import { fromBase64Url, unwrap } from '@tongche/protocol';
import { rideIdSync } from '@tongche/protocol/node';

export class Gathered {
  readonly rides = new Map<string, TraceRide>();
  /** Rides matched by tags: of the case's subjects, and under an order of depth two of their close contacts. */
  readonly matched = new Set<string>();
  readonly runs = new Map<string, TraceRun>();
  readonly units = new Map<string, TraceUnit>();
  readonly bindings = new Map<string, TraceBinding>();
  readonly boardings = new Map<string, TraceBoardings>();
  withheld = 0;
  /** The oldest knowledge among the answers: what was relabelled since may be missing in one of them. */
  revision = Infinity;
  /** Windows of other carriages, or of contacts' contacts, were left out: the order allows no more records. */
  isNarrowed = false;

  /** Of rides that were told: what the operator said of their runs before anything was fetched. */
  know(runs: readonly TraceRun[], units: readonly TraceUnit[]): void {
    for (const run of runs) this.runs.set(run.runKey, run);
    for (const unit of units) this.units.set(unit.unitId, unit);
  }

  add(reply: TraceReply, isMatch: boolean): void {
    for (const ride of reply.rides) {
      const id = rideIdOf(ride);
      this.rides.set(id, ride);
      if (isMatch) this.matched.add(id);
    }
    for (const run of reply.runs) this.runs.set(run.runKey, run);
    for (const unit of reply.units) this.units.set(unit.unitId, unit);
    for (const one of reply.bindings) this.bindings.set(`${one.code}|${one.fromMs}`, one);
    for (const one of reply.boardings) this.boardings.set(`${one.lineId}|${one.dir}|${one.stopId}`, one);
    this.withheld += reply.withheld;
    this.revision = Math.min(this.revision, reply.revision);
  }
}

export function rideIdOf(ride: TraceRide): string {
  const tag = unwrap(fromBase64Url(ride.tag));
  const code = unwrap(fromBase64Url(ride.code));
  return Buffer.from(rideIdSync({ tag, code, boardedMs: ride.boardedMs })).toString('base64url');
}
