// The program in a few files, from what tsc made: docs/decisions/0030.
const shared = { platform: 'node', external: ['yaml'] };

export default [
  {
    ...shared,
    input: 'dist/cli/entry.js',
    external: /\/program\.js$/,
    output: { file: 'dist/cli/main.js', paths: (id) => (id.endsWith('/program.js') ? '../parts/program.js' : id) },
  },
  {
    ...shared,
    input: 'dist/cli/program.js',
    output: {
      dir: 'dist/parts',
      entryFileNames: 'program.js',
      // Names without a hash, exports with their own: a monitor may load a part of itself long after an upgrade.
      chunkFileNames: '[name].js',
      minifyInternalExports: false,
      codeSplitting: { groups: [{ name: 'core', test: /dist\/(model|format|system|plan|monitor|edges)\// }] },
    },
  },
];
