import { describe, expect, it } from 'vitest';
import { memberText } from '../../src/format/flow-members.ts';
import { flowFromText, flowStatusLine, stampedFlow } from '../../src/format/flow-parse.ts';
import { parseUow } from '../../src/format/uow-parse.ts';
import { bytes, testNow } from '../support/builders.ts';

const two = '==== UNIT OF WORK a\ncommand :: true\n==== UNIT OF WORK b\ncommand :: true\nafter :: a\n';
const problemsOf = (text: string): readonly string[] => {
  const parsed = flowFromText(bytes(text));
  return parsed.kind === 'invalid' ? parsed.problems.map(({ line, message }) => `${line}: ${message}`) : [parsed.kind];
};

describe('a flow file', () => {
  it('is one with a name behind a title, or with several titles; anything else is none', () => {
    expect(problemsOf('==== UNIT OF WORK a\ncommand :: true\n')).toEqual(['flow']);
    expect(problemsOf(two)).toEqual(['flow']);
    expect(problemsOf('==== UNIT OF WORK\ncommand :: true\n')).toEqual(['none']);
    expect(problemsOf('no UOW')).toEqual(['none']);
    expect(problemsOf('==== UNIT OF WORK\ncommand :: true\narray :: 1-3\n')).toEqual(['flow']);
    expect(problemsOf('==== UNIT OF WORK\ncommand :: true\narray :: 1-3\narray-index :: 2\n')).toEqual(['none']);
  });

  it('that is stamped says the same, with a STATUS that can be rewritten in place; stamped again it has one of each', () => {
    const status = { word: 'taking-in', queue: 'priority', done: 0, of: 2, at: testNow } as const;
    const of = { stamp: { seconds: 7, ordinal: 1 }, event: 'enqueued', status };
    const text = stampedFlow(bytes(`\n\n${two}`), of);
    const parsed = flowFromText(text);
    if (parsed.kind !== 'flow') throw new Error(JSON.stringify(parsed));
    expect(parsed.flow).toMatchObject({ stamp: { seconds: 7, ordinal: 1 }, status });
    const offset = parsed.flow.statusOffset ?? 0;
    expect((offset % 512) + 64).toBeLessThanOrEqual(512);
    expect(text.slice(offset)).toBe(flowStatusLine(status));
    expect(stampedFlow(text, of)).toBe(text);
    const [a, b] = parsed.flow.uows;
    expect([a?.name, b?.name, b?.line]).toEqual(['a', 'b', 5]);
    const member = b && memberText(b, bytes('x y'));
    expect(member).toBe('==== UNIT OF WORK\ncommand :: true\nafter :: a\nflow :: "x y"\n\n');
    expect(parseUow(member ?? bytes('')).kind).toBe('uow');
  });

  it('tells every problem with its line', () => {
    expect(problemsOf(two.replace('after :: a', 'after :: b'))).toEqual(['5: b waits for itself']);
    expect(problemsOf(two.replace('after :: a', 'after :: a c'))).toEqual(['5: no UOW of this flow is named c']);
    expect(problemsOf(two.replace('WORK b', 'WORK a').replace('after :: a\n', ''))).toEqual([
      '3: a stands here and on line 1',
    ]);
    expect(problemsOf(two.replace('WORK b', 'WORK'))).toEqual(['3: a UOW of a flow without a name']);
    expect(problemsOf(two.replace('WORK b', 'WORK b/c'))).toEqual(['3: "b/c" cannot be the name of a UOW of a flow']);
    for (const name of ['b~2', 'b.tmp', 'b~'])
      expect(problemsOf(two.replace('WORK b', `WORK ${name}`))).toEqual([
        `3: "${name}" cannot be the name of a UOW of a flow`,
      ]);
    expect(problemsOf(`${two}flow :: x\ntimeout :: soon\n`)).toEqual(['7: bad content of timeout: "soon"']);
    expect(problemsOf(`${two}flow :: x\n`)).toEqual(['6: a flow within a flow file']);
    expect(problemsOf(`label :: x\n${two}`)).toEqual(['1: a line above the first ==== UNIT OF WORK: "label :: x"']);
    expect(problemsOf(two.replace('command :: true\nafter', 'after'))).toEqual([
      '3: there is neither a command nor a job',
    ]);
  });

  it('in which UOWs wait for each other in a circle is told with the line that closes it', () => {
    const three = ['a c', 'b a', 'c b'].map(
      (of) => `==== UNIT OF WORK ${of.slice(0, 1)}\ncommand :: true\nafter-any :: ${of.slice(2)}\n`,
    );
    expect(problemsOf(three.join(''))).toEqual(['6: a circle: a waits for c waits for b waits for a']);
  });
});

describe('an array in a flow file', () => {
  const withArray = (array: string, more = ''): string =>
    `==== UNIT OF WORK a\ncommand :: true\narray :: ${array}\n${more}`;

  it('that cannot be made is told with the line', () => {
    expect(problemsOf(withArray('3-1'))).toEqual(['3: bad content of array: "3-1"']);
    expect(problemsOf(withArray('1-3', 'unique :: k\n'))).toEqual([
      '4: unique in an array, whose UOWs would all have the same key',
    ]);
    expect(problemsOf(withArray('1-2', '==== UNIT OF WORK a.2\ncommand :: true\n'))).toEqual([
      '4: a.2 stands here and on line 1',
    ]);
    expect(problemsOf(withArray('1-1000', '==== UNIT OF WORK b\ncommand :: true\n'))).toEqual([
      '0: the flow has 1001 UOWs, at most 1000',
    ]);
    expect(problemsOf(withArray('1-2', '==== UNIT OF WORK b\ncommand :: true\nafter-not-ok :: a\n'))).toEqual([
      '6: after-not-ok of all of the array a',
    ]);
    expect(problemsOf(withArray('1-2', '==== UNIT OF WORK b\ncommand :: true\nafter-not-ok :: a.2\n'))).toEqual([
      'flow',
    ]);
    const long = 'a'.repeat(64);
    const waits = `==== UNIT OF WORK b\ncommand :: true\nafter :: ${long}\n`;
    expect(problemsOf(withArray('1000-1998', waits).replace('WORK a\n', `WORK ${long}\n`))).toEqual([
      '4: with the names of all UOWs of the arrays that it waits for it is longer than 64 KiB',
    ]);
    expect(problemsOf(withArray('1-2', 'after :: a\n'))).toEqual(['4: a waits for itself']);
    const circle = 'after :: b\n==== UNIT OF WORK b\ncommand :: true\nafter :: a.2\n';
    expect(problemsOf(withArray('1-2', circle))).toEqual(['7: a circle: a waits for b waits for a']);
    expect(problemsOf('==== UNIT OF WORK\ncommand :: true\narray :: 1-3\nflow :: x\n')).toEqual([
      '4: an array is a flow of its own',
    ]);
  });
});
