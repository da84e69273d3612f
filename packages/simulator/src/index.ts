// The face of the simulator: the demo city.
export { DEMO_CITY_FILES, DEMO_CITY_NAME, DEMO_CITY_ZONE, makeDemoCity, writeDemoCity } from './city/index.ts';
export type { DemoCity, DemoCityFile } from './city/index.ts';
