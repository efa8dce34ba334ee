import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type HistoryEntry, isOfRun, lineFromHistory } from '../../src/format/history-line.ts';
import { appendHistory, syncHistory } from '../../src/monitor/history.ts';
import { realFiles } from '../../src/system/files.ts';
import { anAttempt } from '../support/builders.ts';
import { testContext } from '../support/context.ts';
import { eventually } from '../support/eventually.ts';

const ended = (id: string, name = 'a'): HistoryEntry => anAttempt(name, { id });

describe('history.jsonl', () => {
  it('is appended to, one line an entry', () => {
    const { context, path } = testContext();
    writeFileSync(path('history.jsonl'), '{"kind":"old"}\n');
    appendHistory(context, ended('1'));
    appendHistory(context, ended('2'));
    const lines = lineFromHistory(ended('1')) + lineFromHistory(ended('2'));
    expect(readFileSync(path('history.jsonl'), 'utf8')).toBe(`{"kind":"old"}\n${lines}`);
  });

  it('gets the line of a recovered attempt only if it has none, also behind a megabyte of others', () => {
    const { context, path } = testContext();
    const lines = (): number => readFileSync(path('history.jsonl'), 'utf8').split('\n').length - 1;
    appendHistory(context, ended('1'), { unless: isOfRun('1') });
    appendHistory(context, ended('1'), { unless: isOfRun('1') });
    expect(lines()).toBe(1);
    for (let number = 0; number < 100; number++) appendHistory(context, ended(`x${number}`, 'x'.repeat(9000)));
    appendHistory(context, ended('1'), { unless: isOfRun('1') });
    expect(lines()).toBe(101);
    appendHistory(context, ended('2'), { unless: isOfRun('2') });
    expect(lines()).toBe(102);
  });

  it('begins a line of its own behind one that a crash cut off', () => {
    const { context, path } = testContext();
    writeFileSync(path('history.jsonl'), '{"kind":"attempt","id":"0","na');
    appendHistory(context, ended('1'));
    appendHistory(context, ended('2'));
    const lines = readFileSync(path('history.jsonl'), 'utf8').split('\n');
    expect(lines.slice(1, 3).map((line) => `${line}\n`)).toEqual(['1', '2'].map((id) => lineFromHistory(ended(id))));
  });

  it('begins a line of its own behind one that a full disk cut off in the same life', () => {
    let isFull = true;
    const { context, path } = testContext({
      files: {
        append(file, content, options) {
          realFiles.append(file, isFull ? (content.slice(0, 20) as typeof content) : content, options);
          if (isFull) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
        },
      },
    });
    expect(() => appendHistory(context, ended('1'))).toThrow('ENOSPC');
    isFull = false;
    appendHistory(context, ended('2'));
    expect(readFileSync(path('history.jsonl'), 'utf8').split('\n')[1]).toBe(lineFromHistory(ended('2')).trimEnd());
  });

  it('is synced for all lines that came while a sync was under way by one more', async () => {
    const over: (() => void)[] = [];
    const syncFile = (): Promise<void> => new Promise((resolve) => over.push(resolve));
    const { context } = testContext({ files: { syncFile } });
    const first = syncHistory(context);
    await eventually(() => over.length === 1, { what: 'the first is under way' });
    let isDurable = false;
    const later = Promise.all([syncHistory(context), syncHistory(context)]).then(() => (isDurable = true));
    over[0]?.();
    await first;
    await eventually(() => over.length === 2, { what: 'the second is under way' });
    expect(isDurable).toBe(false);
    over[1]?.();
    await later;
    expect(over).toHaveLength(2);
  });
});
