import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memberText } from '../../src/format/flow-members.ts';
import { type Flow, flowFromText } from '../../src/format/flow-parse.ts';
import { parseUow } from '../../src/format/uow-parse.ts';
import { nameFromShown } from '../../src/model/bytes.ts';
import { memberName } from '../../src/model/flow.ts';
import { Header } from '../../src/model/header.ts';
import { parentsNamed } from '../../src/model/parents.ts';
import { bytes } from '../support/builders.ts';

function flowOf(text: string): Flow {
  const parsed = flowFromText(bytes(text));
  if (parsed.kind !== 'flow') throw new Error(JSON.stringify(parsed));
  return parsed.flow;
}

function headersOf(flow: Flow, name: string): readonly Header[] {
  return flow.uows.map((uow) => {
    const parsed = parseUow(memberText(uow, bytes(name)) ?? bytes(''));
    if (parsed.kind !== 'uow') throw new Error(JSON.stringify(parsed));
    return new Header(parsed.head.header);
  });
}

it('an array becomes a UOW for each item, which knows its array and its index; the rest of its text is as it was', () => {
  const flow = flowOf(
    '# a sweep\n\n==== UNIT OF WORK\n\n# mine\ncommand :: x\narray :: red, green%1\nafter :: outside\n',
  );
  expect(flow.uows.map(({ name }) => name)).toEqual(['red', 'green']);
  expect(flow.uows.map((uow) => memberText(uow, bytes('sweep')))[1]).toBe(
    '==== UNIT OF WORK\n\n# mine\ncommand :: x\narray :: red, green%1\nafter :: outside\nflow :: sweep\narray-of :: sweep\n' +
      'array-index :: 2\narray-value :: green\n',
  );
});

it('what waits for an array waits for all of its UOWs, or for the one that it names', () => {
  const flow = flowOf(
    '==== UNIT OF WORK fit\r\ncommand :: x\r\narray :: 1-3\r\n' +
      '==== UNIT OF WORK sum\r\ncommand :: x\r\nafter :: fit, other\r\nafter-any :: fit.2\r\n==== UNIT OF WORK other\r\ncommand :: x\r\n',
  );
  const [one, , , sum] = headersOf(flow, 'f');
  expect([one?.text('array-of'), one?.text('array-index'), one?.text('flow')]).toEqual(['f.fit', '1', 'f']);
  expect([sum?.text('after'), sum?.text('after-any')]).toEqual(['fit.1 fit.2 fit.3 other', 'fit.2']);
});

it('whatever a flow of arrays says, its names are unique, each index comes once, nobody waits for a name that is not there or in a circle', () => {
  const section = fc.record({
    size: fc.option(fc.integer({ min: 1, max: 7 }), { nil: undefined }),
    parents: fc.array(fc.nat(5), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(section, { minLength: 1, maxLength: 6 }), (drawn) => {
      const text = drawn.map(({ size, parents }, at) => {
        const after = parents.filter((of) => of < at).map((of) => `s${of}`);
        return [
          `==== UNIT OF WORK s${at}`,
          'command :: true',
          ...(size === undefined ? [] : [`array :: 1-${size}`]),
          ...(after.length > 0 ? [`after :: ${after.join(' ')}`] : []),
          '',
        ].join('\n');
      });
      const flow = flowOf(text.join(''));
      const names = flow.uows.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toHaveLength(drawn.reduce((sum, { size = 1 }) => sum + size, 0));
      const headers = headersOf(flow, 'f');
      for (const [at, { size }] of drawn.entries()) {
        const own = headers.filter((header) => header.text('array-of') === `f.s${at}`);
        expect(own.map((header) => header.whole('array-index'))).toEqual(
          Array.from({ length: size ?? 0 }, (_, index) => index + 1),
        );
      }
      // Sections wait for earlier ones only, and so do all UOWs: each of a name that was there before.
      for (const [at, header] of headers.entries())
        for (const { name } of parentsNamed(header)) expect(names.slice(0, at)).toContain(name);
    }),
  );
});

it('the names of its files are those of its UOWs behind that of the flow', () => {
  const flow = flowOf('==== UNIT OF WORK fit\ncommand :: x\narray :: 8-9\n');
  expect(flow.uows.map(({ name }) => memberName(nameFromShown('f~2'), name))).toEqual(['f~2.fit.8', 'f~2.fit.9']);
});
