import { describe, expect, it } from 'vitest';
import {
  baseName,
  isEndedQueue,
  isIgnoredName,
  isReadmeName,
  isWaitingQueue,
  queueKinds,
} from '../../src/model/queue.ts';

describe('a queue', () => {
  it('waits, has ended, or is neither', () => {
    expect(queueKinds.filter(isWaitingQueue)).toEqual(['wait', 'priority']);
    expect(queueKinds.filter(isEndedQueue)).toEqual(['done', 'error', 'fail']);
  });
});

describe('a name in a queue', () => {
  it('is not looked at while an editor or a copier writes under it', () => {
    const temporary = ['.hidden', '.', 'a~', 'a.swp', '.a.swp', 'a.tmp', 'a.part', 'a.filepart', '4913'];
    expect(temporary.filter((name) => !isIgnoredName(name))).toEqual([]);
    const plain = ['a', 'a~2', 'swp', 'a.swp.1', 'a.tmpl', '49130', 'part', 'a b', '~a'];
    expect(plain.filter(isIgnoredName)).toEqual([]);
  });

  it('is a README’s in all its variants and nothing else’s', () => {
    const readmes = ['README', 'README.md', 'README.txt', 'README~2', 'README.md~13'];
    expect(readmes.filter((name) => !isReadmeName(name))).toEqual([]);
    const others = [
      'readme',
      'README2',
      'README ',
      'README.',
      'README.d/x',
      'MY-README',
      'README-first',
      'README~',
      'README\n',
    ];
    expect(others.filter(isReadmeName)).toEqual([]);
  });

  it('is grouped without the number that made it unique', () => {
    expect(['a', 'a~2', 'a~2~3', 'a~x', '~2'].map(baseName)).toEqual(['a', 'a', 'a~2', 'a~x', '']);
  });
});
