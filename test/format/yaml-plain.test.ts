import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainYaml } from '../../src/format/yaml-plain.ts';
import { parsedYaml, yamlFromText } from '../../src/format/yaml-tree.ts';

const plain = [
  '',
  '\n\n# nothing\n  # at all\n',
  'power',
  'a:b',
  'a: b # ’tis é',
  '[]',
  '{}',
  'slots: 2\ndurability: process # faster\noutput: append\n',
  'status:\n  # ours\n  dir: /srv/www/queue\n\nreport: 08:00\nqueues:\n    wait: in\n    done: out\n',
  'procnames: []\ndefaults: {}\nready:\n  load: 1.5',
  'slots:    3   \nsleep: 1h30m',
  'a: b - c\nd: 1 000',
];
const others = [
  'a: b: c',
  'a:\n',
  'a: 1\na: 2',
  'a: 1\n  b: 2',
  'a:\n  b:\n    c: 1',
  'a:\n    b: 1\n  c: 2',
  '  a: 1\nb: 2',
  'a: b\n  more',
  'a: "b"',
  'a: b#c: d',
  'a: [b, c]',
  '- a',
  'a: |\n  b',
  'a: &b c',
  'a: *b',
  'a: ~',
  'a:\tb',
  'a: b\r\n',
  'a: é',
  '---\na: b',
  'a: b\n...\n',
  '%YAML 1.2\n---\na: b',
  `a: ${'b'.repeat(70_000)}`,
  Array.from({ length: 2000 }, (_, at) => `a${'_'.repeat(at % 40)}: b`).join('\n'),
];

describe('the plain reader', () => {
  it.each(plain)('gives of %j what the parser gives', (text) => {
    expect(parsedYaml(text)).toEqual({ value: plainYaml(text), problems: [] });
  });

  it.each(others.map((text) => [text.slice(0, 40), text]))('leaves %j to the parser', (_, text) => {
    expect(plainYaml(text)).toBeUndefined();
    expect(yamlFromText(text)).toEqual(parsedYaml(text));
  });

  it('reads the example without the parser when its lines count', () => {
    const example = readFileSync(join(import.meta.dirname, '../../config.example.yaml'), 'utf8');
    expect(plainYaml(example)).toMatchObject({ kind: 'empty' });
  });

  it('never gives anything but what the parser gives', () => {
    const pieces = [
      'a',
      'log-max',
      'b_c',
      ':',
      ': ',
      ' ',
      '  ',
      '\n',
      '\n  ',
      '\n    ',
      '# x',
      ' #',
      '-',
      '- ',
      '[]',
      '{}',
      '.',
    ];
    const odd = ['"', "'", '|', '>', '&', '*', '!', '%', '?', '@', '~', '0', '/x', '\t', '\r', 'é', '---', '...', ','];
    const line = fc
      .tuple(
        fc.constantFrom('', '  ', '    '),
        fc.constantFrom('a', 'b', 'c', 'log-max'),
        fc.constantFrom(': ', ':', ':  '),
        fc.constantFrom('', '1', 'x y', 'a:b', '[]', '{}', 'x # y', 'x#y', 'x: y', "'x'"),
        fc.constantFrom('', ' ', ' # why'),
      )
      .map((parts) => parts.join(''));
    const text = fc.oneof(
      fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n')),
      fc.array(fc.constantFrom(...pieces, ...odd), { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string({ maxLength: 12 }),
    );
    let plainly = 0;
    fc.assert(
      fc.property(text, (written) => {
        const value = plainYaml(written);
        if (!value) return;
        plainly++;
        expect(parsedYaml(written)).toEqual({ value, problems: [] });
      }),
      { numRuns: 3000 },
    );
    expect(plainly).toBeGreaterThan(100);
  });
});
