// The face of the evaluation: how good the trace is in a simulated city whose truth is known, and what its priors are.
export { calibrate } from './calibrate/index.ts';
export type { CalibrationOptions } from './calibrate/index.ts';
export { evaluateInWorkers } from './evaluate.ts';
export type { Evaluation, EvaluationOptions } from './evaluate.ts';
export { gradeRecording } from './grade/recording.ts';
export type { RecordingFiles, RecordingGrade } from './grade/recording.ts';
export { CALIBRATION_SEEDS, COMPLIANCES, PARAMETERS, TEST_SEEDS } from './parameters.ts';
