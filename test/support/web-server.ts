// A plain web server for a folder, on loopback: what is no page and no JSON is plain text, as docs/operations.md tells people to
// set up theirs.
import { createServer } from 'node:http';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { afterwards } from './afterwards.ts';

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.json': 'application/json' };

/** Serves the folder until the test is over. Gives its address, without a slash at its end. */
export async function webServer(folder: string): Promise<string> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    // The bytes of the address are those of the name.
    const name = pathname.replace(/%([0-9A-Fa-f]{2})/g, (_whole, code: string) =>
      String.fromCharCode(parseInt(code, 16)),
    );
    const path = Buffer.concat([Buffer.from(folder), Buffer.from(name, 'latin1')]);
    try {
      const isDirectory = statSync(path).isDirectory();
      response.setHeader('Content-Type', types[extname(name)] ?? 'text/plain');
      response.end(isDirectory ? readdirSync(path).join('\n') : readFileSync(path));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
