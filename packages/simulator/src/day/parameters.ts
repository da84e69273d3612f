// Everything that shapes a simulated day, in one place. Shares are fractions of one. Where a number comes from recorded rides
// (106,185 rides of a city bus line), it says so; the others are our assumptions, open to be changed.

export interface DayParameters {
  readonly seed: number;
  /** People who ride that day, with and without a phone. */
  readonly riders: number;
  /** Share of journeys that begin in each hour from 0 to 23. Recorded: the peak hour has 11.8 % of the day. */
  readonly hourShares: readonly number[];
  /** People who ride to work and, mostly, back. */
  readonly commuterShare: number;
  /** Commuters who take the same way back. */
  readonly returnShare: number;
  /** Journeys that go on with another line where one stops at the same place. */
  readonly transferShare: number;
  /** How long people want to ride, lognormal. Recorded: half of all rides 13 minutes or less, 95 % at most 44. */
  readonly rideMedianMin: number;
  readonly rideP95Min: number;
  /** From the doors' closing to the scan, exponential. */
  readonly scanLagMeanS: number;
  /** Riders without a phone. */
  readonly phonelessShare: number;
  /** How often a driver who signed in registers them. */
  readonly assistShare: number;
  /** How often a rider with a phone scans at all. */
  readonly scanShare: number;
  /** Riders whose first scan ever is on this day: they enrol with their ride waiting. */
  readonly firstTimeShare: number;
  /** Heads that travel with a holder, from none upwards. */
  readonly partyShares: readonly number[];
  /** Rides with somebody who has an own number but rides on the holder's phone. */
  readonly companionShare: number;
  /** Scans without a network; sent up to `offlineMaxMin` later, at least after five minutes. */
  readonly offlineShare: number;
  readonly offlineMaxMin: number;
  /** Scans of a neighbouring vehicle's code, and how many of them are taken back before the right one is scanned. */
  readonly wrongVehicleShare: number;
  readonly undoShare: number;
  /**
   * How riders say where they get off: they tap, they scan the vehicle again, or say nothing and leave it to the phone, which
   * tells it at their next scan. The rest have closed the page too soon, then or later, for their phone to tell anything.
   */
  readonly offTapShare: number;
  readonly rescanShare: number;
  readonly chainedShare: number;
  /** Vehicles with a driver's seat whose drivers sign in. */
  readonly signedInShare: number;
  /** Drivers who scan the crew's code with their own phone. */
  readonly crewScanShare: number;
  /** Units whose code cannot be read any more. */
  readonly deadUnitShare: number;
  /** Hour of the local day at which the case's own day on vehicles is over. */
  readonly caseUntilHour: number;
  /** Journeys of the case. */
  readonly caseRides: number;
}

export const DEFAULT_DAY: DayParameters = {
  seed: 20_261,
  riders: 3_500,
  hourShares: [
    0, 0, 0, 0, 0, 0.012, 0.042, 0.106, 0.118, 0.066, 0.044, 0.043, 0.046, 0.044, 0.043, 0.049, 0.062, 0.099, 0.096,
    0.052, 0.032, 0.024, 0.015, 0.007,
  ],
  commuterShare: 0.65,
  returnShare: 0.78,
  transferShare: 0.35,
  rideMedianMin: 13,
  rideP95Min: 44,
  scanLagMeanS: 25,
  phonelessShare: 0.1,
  assistShare: 0.7,
  scanShare: 0.88,
  firstTimeShare: 0.04,
  partyShares: [0.87, 0.085, 0.03, 0.015],
  companionShare: 0.025,
  offlineShare: 0.03,
  offlineMaxMin: 360,
  wrongVehicleShare: 0.01,
  undoShare: 0.85,
  offTapShare: 0.25,
  rescanShare: 0.08,
  chainedShare: 0.55,
  signedInShare: 0.3,
  crewScanShare: 0.8,
  deadUnitShare: 0.02,
  caseUntilHour: 11.75,
  caseRides: 4,
};
