// The program in one file for its most frequent call, from what tsc made: docs/decisions/0030.
export default {
  input: 'dist/cli/entry.js',
  platform: 'node',
  external: /\/program\.js$/,
  output: { file: 'dist/cli/main.js' },
};
