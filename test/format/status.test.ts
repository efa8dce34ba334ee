import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyName, linksInRoot, linksToCopies, uriFromBytes } from '../../src/format/page-links.ts';
import { jsonFromPosted, postedFromJson } from '../../src/format/status-json.ts';
import { pageFromPosted } from '../../src/format/status-page.ts';
import { pageColours } from '../../src/format/status-page-style.ts';
import { textFromPosted } from '../../src/format/status-text.ts';
import { type Bytes, bytesFromUtf8 } from '../../src/model/bytes.ts';
import { needLook, type Posted } from '../../src/model/posted.ts';
import { emptyPosted, queuesWith, richPosted } from '../support/posted.ts';
import { schemaFaults } from '../support/schema.ts';

const golden = (name: string): string => join(import.meta.dirname, 'golden/status', name);
const situations: readonly (readonly [string, Posted])[] = [
  ['empty', emptyPosted()],
  ['rich', richPosted()],
  ['stopped', { ...emptyPosted({ state: 'not-running', isPaused: true }), monitor: undefined } as never],
];
const page = (posted: Posted): string => pageFromPosted(posted, linksInRoot(1, posted.queues));

describe('the posted status', () => {
  it.each(situations)('%s: is written as ever, as text, JSON and page', async (name, posted) => {
    await expect(textFromPosted(posted)).toMatchFileSnapshot(golden(`${name}.txt`));
    await expect(jsonFromPosted(posted)).toMatchFileSnapshot(golden(`${name}.json`));
    await expect(page(posted)).toMatchFileSnapshot(golden(`${name}.html`));
  });

  it.each(situations)('%s: is as its JSON Schema says', (_name, posted) => {
    expect(schemaFaults('status', JSON.parse(jsonFromPosted(posted)))).toEqual([]);
  });

  it('gives back whose it is, and what was known of the machine', () => {
    const { machine } = richPosted();
    const since = '2026-11-21T03:31:06Z';
    expect(postedFromJson(bytesFromUtf8(jsonFromPosted(richPosted())))).toEqual({
      ...{ isAlive: true, pid: 4711, since, machine },
    });
  });

  it('is not as its JSON Schema says when anything is added or misnamed', () => {
    const document = JSON.parse(jsonFromPosted(richPosted()));
    expect(schemaFaults('status', { ...document, more: 1 })).toHaveLength(1);
    document.running[0].state = 'dozing';
    document.ended[0].flags = ['held'];
    expect(schemaFaults('status', document)).toHaveLength(2);
  });
});

describe('what needs a look', () => {
  const names = (posted: Posted): readonly string[] => needLook(posted).map(({ name }) => name);

  it('is what ended badly, still stands there, and was not acknowledged', () => {
    expect(names(richPosted())).toEqual(['db-vacuum', '"<img src=x onerror=alert(1)>']);
  });

  it('is a UOW once, by its newest attempt', () => {
    const [first] = richPosted().ended;
    const again = { ...first!, attempt: 2 };
    expect(needLook(emptyPosted({ ended: [again, first!] }))).toEqual([again]);
    expect(names(emptyPosted({ ended: [{ ...again, flags: ['ack'] }, first!] }))).toEqual([]);
  });
});

describe('the page', () => {
  it('has no script, loads nothing, and takes nothing foreign for markup', () => {
    const html = page(richPosted());
    expect(html).not.toMatch(/<script|<img|<b>&|onload=|javascript:/i);
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(html).toContain('&lt;/td&gt;&lt;script&gt;');
    for (const [, address] of html.matchAll(/(?:href|src)="([^"]*)"/g))
      expect(address).toMatch(/^(\.\.\/[^"]+|status\.(txt|json)|data:image\/svg\+xml,.*)$/);
  });

  it('leads to each UOW by its bytes, and to each queue', () => {
    const html = page(richPosted());
    for (const link of [
      '../currently-executing/caf%E9%20%22%3Cb%3E%26%0A',
      '../wait-q/%C3%A5ngstr%C3%B6m',
      '../priority-q/urgent%20fix',
      '../error-q/db-vacuum',
      '../wait-q/rerun',
      '../trash/',
    ])
      expect(html).toContain(`href="${link}"`);
    expect(html).not.toContain('mistake</a>');
  });

  it('elsewhere leads to copies, where there are any, and to no queue', () => {
    const html = pageFromPosted(richPosted(), linksToCopies(new Set([bytesFromUtf8('urgent fix')])));
    expect([...html.matchAll(/<a href="([^"]*)"/g)].map(([, address]) => address)).toEqual([
      'uow/urgent%3D20fix.txt',
      'status.txt',
      'status.json',
    ]);
  });

  it('says of what ended lately that none of it needs a look, if anything has ended', () => {
    const [, , , , done] = richPosted().ended;
    expect(page(emptyPosted())).not.toContain('class="well"');
    expect(page(emptyPosted({ ended: [done!] }))).toContain('What ended last, needs no look.');
    expect(page(emptyPosted({ ended: [done!, { ...done!, attempt: 2 }] }))).toContain(
      'Of the last 2 that ended, none needs a look.',
    );
  });

  it('says of what needs a look how long it took, if that is known', () => {
    const { durationMs: _unknown, ...failed } = richPosted().ended[0]!;
    expect(page(emptyPosted({ ended: [failed] }))).toContain('</time></span></li>');
  });

  it('has an icon in the colour of its state', () => {
    const colours = { serving: '2da44e', paused: 'c78a00', finishing: 'c78a00', 'not-running': 'd1293d' } as const;
    for (const [state, colour] of Object.entries(colours)) {
      expect(page(emptyPosted({ state: state as Posted['state'] })), state).toContain(`fill='%23${colour}'`);
    }
    expect(page(richPosted())).toContain("fill='%23d1293d'");
  });

  it('leaves out a column in which no row has anything', () => {
    const [, held] = richPosted().waiting;
    const html = page(emptyPosted({ waitingTotal: 1, waiting: [{ ...held!, attempts: 0, why: 'withheld by ann' }] }));
    expect([...html.matchAll(/scope="col">([^<]*)</g)].map(([, label]) => label)).toEqual([
      'Name',
      'Queue',
      'Since',
      'Why',
    ]);
    expect(html).toContain('held</span> withheld by ann');
  });

  it('shows a queue to which nothing leads without a link', () => {
    const html = pageFromPosted(emptyPosted(), linksToCopies(new Set()));
    expect(html).toContain('<li class="wait"><div><b>0</b> <span>wait-q</span></div></li>');
  });

  it.each(['light', 'dark'] as const)('%s: all text has a contrast of 4.5 to 1 on its ground', (theme) => {
    const colours = pageColours[theme];
    const grounds = { ground: ['ink', 'soft', 'link', 'bad'], card: ['ink', 'soft', 'link', 'bad'] };
    const badges = ['good', 'warn', 'bad', 'plain'].map((name) => [`${name}-ground`, [name]] as const);
    for (const [ground, inks] of [...Object.entries(grounds), ...badges])
      for (const ink of inks)
        expect(contrast(colours[ink]!, colours[ground]!), `${ink} on ${ground}`).toBeGreaterThan(4.5);
  });
});

describe('the text', () => {
  it('keeps its columns where one name is very long', () => {
    const [each] = richPosted().waiting;
    const long = { ...each!, name: bytesFromUtf8('x'.repeat(200)) };
    const lines = textFromPosted(emptyPosted({ waiting: [long, each!], waitingTotal: 2 })).split('\n');
    expect(lines.find((line) => line.includes('urgent'))!.length).toBeLessThan(120);
  });

  it('says how many more wait than are listed', () => {
    const text = textFromPosted(emptyPosted({ ...richPosted(), queues: queuesWith(150) }));
    expect(text).toContain('… and 149 more\n');
  });
});

describe('what the text leaves out', () => {
  it('is all that ended but the last ten', () => {
    const [each] = richPosted().ended;
    const ended = Array.from({ length: 12 }, (_, at) => ({ ...each!, name: bytesFromUtf8(`end-${at}`) }));
    const text = textFromPosted(emptyPosted({ ended }));
    expect(text).toContain('end-9');
    expect(text).not.toContain('end-10');
  });

  it('is the progress of a job that tells none, and its end', () => {
    const { progress: _none, estimate: _end, ...each } = richPosted().running[0]!;
    expect(textFromPosted(emptyPosted({ running: [each] }))).toMatch(/running +transcode +#1 +\S+ *\n/);
  });
});

describe('a name in an address', () => {
  it('is its bytes, plain or percent-encoded', () => {
    expect(uriFromBytes('a-b_c.d~9')).toBe('a-b_c.d~9');
    expect(uriFromBytes("%/?#:&'\xff\n")).toBe('%25%2F%3F%23%3A%26%27%FF%0A');
  });
});

describe('the name of a copy', () => {
  const of = (name: string): string => copyName(name as Bytes);

  it('is the name with what is odd encoded', () => {
    expect(of('backup-3')).toBe('backup-3.txt');
    expect(of('two words=\xff')).toBe('two=20words=3D=FF.txt');
    expect(of('.hidden')).toBe('=2Ehidden.txt');
    expect(of('a.b')).toBe('a.b.txt');
    expect(of('x'.repeat(200))).toBe(`${'x'.repeat(200)}.txt`);
    expect(of('x'.repeat(201))).toMatch(/^x{168}==[0-9a-f]{32}\.txt$/);
  });

  it('is short enough for any name, and no two names have the same', () => {
    const names = [
      `${'\xff'.repeat(254)}a`,
      `${'\xff'.repeat(254)}b`,
      'x'.repeat(255),
      'x'.repeat(196),
      'x'.repeat(200),
    ];
    const copies = names.map(of);
    expect(new Set(copies).size).toBe(names.length);
    for (const copy of copies) expect(copy.length).toBeLessThan(230);
  });
});

/** Gives the contrast of two colours `#rrggbb`. @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
