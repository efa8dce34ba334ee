// The posted page in a real browser: Debian's Chromium, looked at from a file and through a web server, on a phone and a desktop,
// light and dark. With SJQ_SCREENSHOTS=DIR it leaves a picture of each there.
import { readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { afterwards } from '../support/afterwards.ts';
import { eventually } from '../support/eventually.ts';
import { installMs, needPrograms } from '../support/programs.ts';
import { testRoot, type TestRoot, uowText } from '../support/root.ts';
import { scratchFolder } from '../support/scratch.ts';
import { webServer } from '../support/web-server.ts';

const hostile = '<img src=x onerror=alert(1)> "&amp;';
const screens = [
  { name: 'small-phone', width: 360, height: 740 },
  { name: 'phone', width: 390, height: 844 },
  { name: 'tablet', width: 900, height: 1200 },
  { name: 'desktop', width: 1280, height: 800 },
];

async function startChromium(): Promise<Browser> {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: [...asRoot, '--disable-gpu'] });
  afterwards(() => browser.close());
  return browser;
}

/** A root with a monitor, two jobs that run, more that wait, and several that ended; names and output that would do harm. */
async function busyRoot(status: string): Promise<TestRoot> {
  const root = testRoot(`slots: 2\nsleep: 1s\n${status}`);
  await root.monitor();
  root.drop('well', ['command :: echo all is well']);
  root.drop('db-vacuum', ['command :: echo no such table; exit 3']);
  root.drop(hostile, ['command :: echo "<script>alert(2)</script>"; exit 1']);
  root.drop('x'.repeat(240), ['command :: echo long']);
  const odd = Buffer.from(root.path('wait-q/latin-\xe9\n'), 'latin1');
  writeFileSync(root.path('odd'), uowText('command :: echo odd bytes'));
  utimesSync(root.path('odd'), 1, 1);
  renameSync(root.path('odd'), odd);
  await eventually(() => posted(root, status).ended.length === 5, { withinMs: 20_000, what: 'five have ended' });
  root.drop('encode', ['command :: echo encoding; echo "42 frame 1008 of 2400" > "$SJQ_PROGRESS"; exec sleep 300']);
  root.drop('offsite', ['command :: echo copying </dev/null && exec sleep 300']);
  await eventually(() => posted(root, status).running.length === 2, { withinMs: 20_000, what: 'two run' });
  for (let number = 1; number <= 12; number++) root.drop(`render-${number}`, ['command :: true']);
  root.drop('urgent', ['command :: true', 'priority :: 9'], 'priority-q');
  await eventually(
    () => posted(root, status).waiting_total === 13 && posted(root, status).running[0].progress?.percent === 42,
    { withinMs: 20_000, what: 'thirteen wait, and one says how far it is' },
  );
  return root;
}

function posted(root: TestRoot, status: string): ReturnType<typeof JSON.parse> {
  const dir = /dir: (.*)\}/.exec(status)?.[1] ?? root.path('status');
  return JSON.parse(readFileSync(join(dir, 'status.json'), 'utf8'));
}

/** Opens a page and gives what it complained of: console, requests, dialogs. */
async function opened(browser: Browser, address: string, options: object): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => faults.push(`request: ${request.url()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  page.on('dialog', (dialog) => faults.push(`dialog: ${dialog.message()}`));
  await page.goto(address);
  return { page, faults };
}

/** Gives where the link of a UOW leads to. */
async function addressOf(page: Page, name: string): Promise<string> {
  return page
    .getByRole('link', { name, exact: true })
    .first()
    .evaluate((link) => (link as unknown as { href: string }).href);
}

describe.for([
  { where: 'in the root', isElsewhere: false },
  { where: 'elsewhere', isElsewhere: true },
])('the page of a status directory $where', ({ where, isElsewhere }) => {
  it(
    'fits each screen, light and dark, complains of nothing and leads to every UOW',
    { timeout: installMs + 120_000 },
    async (context) => {
      needPrograms(context, { chromium: 'chromium' });
      const board = join(scratchFolder(), 'board');
      const root = await busyRoot(isElsewhere ? `status: {dir: ${board}}` : '');
      const folder = isElsewhere ? board : root.dir;
      const path = isElsewhere ? '/index.html' : '/status/index.html';
      const browser = await startChromium();
      for (const address of [`${pathToFileURL(folder).href}${path}`, `${await webServer(folder)}${path}`]) {
        // How it looks does not depend on where it came from, or lies.
        const isWhole = address.startsWith('file:') && !isElsewhere;
        for (const colorScheme of isWhole ? (['light', 'dark'] as const) : (['light'] as const))
          for (const { name: screen, ...viewport } of isWhole ? screens : screens.slice(0, 1)) {
            const { page, faults } = await opened(browser, address, { viewport, colorScheme });
            const what = `${screen} ${colorScheme} ${address}`;
            const width = await page.evaluate('document.documentElement.scrollWidth');
            expect(width, what).toBe(viewport.width);
            const clipped =
              '[...document.querySelectorAll("section")].filter((e) => e.scrollWidth > e.clientWidth).length';
            expect(await page.evaluate(clipped), what).toBe(0);
            expect(await page.evaluate('document.scripts.length + document.images.length'), what).toBe(0);
            await expectContent(page, what);
            expect(faults, what).toEqual([]);
            const pictures = process.env['SJQ_SCREENSHOTS'];
            if (pictures !== undefined)
              await page.screenshot({
                path: join(pictures, `${where.replaceAll(' ', '-')}-${screen}-${colorScheme}.png`),
                fullPage: true,
              });
            await page.context().close();
          }
        const { page } = await opened(browser, address, {});
        await expectLinks(page, address, isElsewhere);
      }
    },
  );
});

async function expectContent(page: Page, what: string): Promise<void> {
  expect(await page.getByRole('heading', { level: 1 }).textContent(), what).toBe('Serving');
  const rows = (table: RegExp): ReturnType<Page['getByRole']> =>
    page.getByRole('table', { name: table }).getByRole('rowheader');
  expect(await rows(/^Running/).allTextContents(), what).toEqual(['encode', 'offsite']);
  expect(await rows(/^Waiting/).count(), what).toBe(13);
  expect(await rows(/^Ended lately/).count(), what).toBe(5);
  expect(
    await page
      .getByRole('region', { name: /^Needs a look/ })
      .getByRole('link')
      .count(),
    what,
  ).toBe(2);
  expect(await page.getByText('frame 1008 of 2400', { exact: false }).first().isVisible(), what).toBe(true);
}

async function expectLinks(page: Page, address: string, isElsewhere: boolean): Promise<void> {
  const shownHostile = '"<img src=x onerror=alert(1)> \\"&amp;"';
  const leadsTo = {
    well: 'all is well',
    'db-vacuum': 'no such table',
    [shownHostile]: '<script>alert(2)</script>',
    ['x'.repeat(240)]: 'long',
    '"latin-\\xe9\\n"': 'odd bytes',
    encode: 'encoding',
    urgent: 'priority :: 9',
  };
  for (const [name, text] of Object.entries(leadsTo)) {
    const href = await addressOf(page, name);
    const { page: there, faults } = await opened(page.context().browser()!, href, {});
    expect(await there.evaluate('document.body.innerText'), `${name} at ${address}`).toContain(text);
    // A text has no icon of its own, so that the browser asks the server for one.
    expect(faults.filter((fault) => fault.startsWith('dialog'))).toEqual([]);
    await there.context().close();
    if (!href.startsWith('http')) continue;
    const answer = await fetch(href);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain']);
    expect(await answer.text()).toContain(text);
  }
  const queues = page.getByRole('navigation').getByRole('link');
  expect(await queues.count()).toBe(isElsewhere ? 0 : 8);
  if (isElsewhere || !address.startsWith('http')) return;
  const error = await addressOf(page, '2 error-q');
  expect(await (await fetch(error)).text()).toContain('db-vacuum');
}
