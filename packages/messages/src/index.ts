// The face of message templates and their linter.
export {};
