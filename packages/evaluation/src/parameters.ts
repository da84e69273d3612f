// Everything that shapes the evaluation's city, in one frozen place. A test holds the digest of this file's values: whoever
// changes one writes a decision note that says why, because every published figure was made with these. Shares are
// fractions of one; hours are local. Numbers with a source say so; the others are our assumptions, made before any result.

/** Minutes between departures, and how much longer than free flow a section takes, by hour from 0 to 23. */
type ByHour = readonly number[];

export interface NetworkParameters {
  readonly gridSide: number;
  readonly spacingM: number;
  readonly jitterM: number;
  readonly busLines: number;
  readonly metroLines: number;
  readonly carriages: number;
  readonly lineStops: readonly [number, number];
  /** How many times as many riders choose a metro line as choose a bus line at the same stop. */
  readonly metroPull: number;
  /** Metres from the centre at which as many people live, and work, as in the centre divided by e. */
  readonly homeRadiusM: number;
  readonly workRadiusM: number;
}

export interface ServiceParameters {
  readonly firstHour: number;
  readonly lastHour: number;
  readonly headwayMin: ByHour;
  readonly busSpeedMs: number;
  readonly metroSpeedMs: number;
  readonly congestion: ByHour;
  /** Spread (of the logarithm) of a whole run's pace, and of each section's. */
  readonly runSpread: number;
  readonly sectionSpread: number;
  readonly dwellMeanS: number;
  readonly dwellSpread: number;
  readonly layoverMinS: number;
  /** Doors stand open that long before the first departure, where the vehicle is there. */
  readonly openBeforeS: number;
}

export interface DemandParameters {
  readonly riders: number;
  readonly days: number;
  readonly commuterShare: number;
  readonly weekdayTravelShare: number;
  readonly mirroredReturnShare: number;
  /** Of those who do not mirror: they ride home from somewhere else. The rest does not ride back. */
  readonly otherReturnShare: number;
  readonly transferShare: number;
  readonly weekendTripShare: number;
  /** Daily trip of somebody who does not commute. */
  readonly otherTripShare: number;
  readonly rideMedianStops: number;
  readonly rideSpread: number;
  readonly morningHour: number;
  readonly morningSpreadMin: number;
  readonly eveningHour: number;
  readonly eveningSpreadMin: number;
  readonly morningJitterMin: number;
  readonly eveningJitterMin: number;
  /** Rides that begin a stop before or after the usual one. */
  readonly neighbourStopShare: number;
  readonly transferWalkS: readonly [number, number];
  readonly longestWaitMin: number;
  readonly carriageChangeShare: number;
}

export interface ObservationParameters {
  readonly phonelessShare: number;
  readonly driverRegistersShare: number;
  readonly paperShare: number;
  readonly paperSpreadS: number;
  readonly sharedPhoneShare: number;
  readonly scanLagMeanS: number;
  readonly veryLateShare: number;
  readonly veryLateS: readonly [number, number];
  readonly duplicateShare: number;
  readonly wrongVehicleShare: number;
  readonly clockSkewShare: number;
  readonly clockSkewS: number;
  /** Vehicles whose code moves to another in the week, and how long the list lags behind. */
  readonly reboundShare: number;
  readonly reboundLagHours: number;
  /** Runs whose positions fail: times are then the timetable's. */
  readonly dropoutShare: number;
  readonly positionErrorS: number;
  /** Interviewed alightings that are a stop off. */
  readonly interviewOffShare: number;
}

/** What a web page loses of the stop notes that a phone could write: docs/decisions/0025-what-web-pages-deliver.md. */
export interface WebParameters {
  /** Phones whose browser does not keep the page's store from one ride to the next. */
  readonly forgetfulShare: number;
  /** Scans whose page is gone before it has sent its one message: what it would have told waits for later scans. */
  readonly closedEarlyShare: number;
}

export interface EpidemicParameters {
  readonly cases: number;
  readonly trials: number;
  readonly infected: readonly number[];
  readonly background: number;
  /** Riders registered in the run where it happened, at least. */
  readonly ridersAtLeast: number;
}

export interface Parameters {
  readonly network: NetworkParameters;
  readonly service: ServiceParameters;
  readonly demand: DemandParameters;
  readonly observation: ObservationParameters;
  readonly web: WebParameters;
  readonly epidemic: EpidemicParameters;
  /** Shortest time aboard together that counts as contact. */
  readonly overlapS: number;
}

export const PARAMETERS: Parameters = {
  network: {
    gridSide: 44,
    spacingM: 460,
    jitterM: 90,
    busLines: 104,
    metroLines: 4,
    carriages: 4,
    lineStops: [17, 31],
    metroPull: 2,
    homeRadiusM: 6_500,
    workRadiusM: 4_200,
  },
  service: {
    firstHour: 5.5,
    lastHour: 22.5,
    headwayMin: [30, 30, 30, 30, 30, 15, 9, 6, 6, 8, 12, 12, 12, 12, 12, 12, 9, 6, 6, 8, 12, 15, 20, 30],
    busSpeedMs: 6.4,
    metroSpeedMs: 11,
    congestion: [
      1, 1, 1, 1, 1, 1, 1.1, 1.45, 1.5, 1.3, 1.15, 1.15, 1.15, 1.1, 1.1, 1.15, 1.25, 1.5, 1.5, 1.3, 1.1, 1, 1, 1,
    ],
    runSpread: 0.08,
    sectionSpread: 0.18,
    dwellMeanS: 17,
    dwellSpread: 0.5,
    layoverMinS: 240,
    openBeforeS: 240,
  },
  demand: {
    riders: 120_000,
    days: 7,
    commuterShare: 0.65,
    weekdayTravelShare: 0.88,
    mirroredReturnShare: 0.78,
    otherReturnShare: 0.6,
    transferShare: 0.35,
    weekendTripShare: 0.2,
    otherTripShare: 0.32,
    // A recorded bus line: half of all rides 13 minutes or less, 95 % at most 44.
    rideMedianStops: 7,
    rideSpread: 0.75,
    morningHour: 7.6,
    morningSpreadMin: 45,
    eveningHour: 17.7,
    eveningSpreadMin: 55,
    morningJitterMin: 7,
    eveningJitterMin: 22,
    neighbourStopShare: 0.08,
    transferWalkS: [40, 150],
    longestWaitMin: 60,
    carriageChangeShare: 0.04,
  },
  observation: {
    phonelessShare: 0.1,
    driverRegistersShare: 0.7,
    paperShare: 0.15,
    paperSpreadS: 180,
    sharedPhoneShare: 0.02,
    scanLagMeanS: 25,
    veryLateShare: 0.03,
    veryLateS: [120, 900],
    duplicateShare: 0.03,
    wrongVehicleShare: 0.01,
    clockSkewShare: 0.01,
    clockSkewS: 300,
    reboundShare: 0.01,
    reboundLagHours: 4,
    dropoutShare: 0.03,
    positionErrorS: 8,
    interviewOffShare: 0.05,
  },
  web: { forgetfulShare: 0.08, closedEarlyShare: 0.15 },
  epidemic: { cases: 400, trials: 60, infected: [3, 5, 8], background: 200, ridersAtLeast: 20 },
  overlapS: 60,
};

/** Seeds of the published figures. Nothing is ever fitted to them. */
export const TEST_SEEDS: readonly number[] = [101, 202, 303, 404, 505];
/** Seeds that priors and calibration are learned from. */
export const CALIBRATION_SEEDS: readonly number[] = [11, 12];
export const COMPLIANCES: readonly number[] = [0.97, 0.85, 0.5, 0.3];
export const THRESHOLDS: readonly number[] = [0.05, 0.1, 0.3, 0.5];
