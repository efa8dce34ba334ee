// Lives of the real monitor, one after another in one process, for a rig that goes through thousands: `node lives.mjs ROOT`. Each
// line of standard input begins one, which serves the root until nothing can start any more, as `sjq once` does; its end is a line
// of standard output.
import { createInterface } from 'node:readline';
import { start } from '../../../dist/cli/start.js';
import { bytesFromUtf8 } from '../../../dist/model/bytes.js';

// Each life listens for a reader that goes away.
process.stderr.setMaxListeners(0);
const root = bytesFromUtf8(process.argv[2]);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
while (!(await lines.next()).done) {
  const end = await start(root, { once: true, quiet: true, greet: false }).catch(String);
  process.stdout.write(`${end}\n`);
}
