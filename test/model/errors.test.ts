import { expect, it } from 'vitest';
import { textFromProblem } from '../../src/model/errors.ts';

it('the text of a problem is one line, whatever it quotes', () => {
  expect(textFromProblem({ line: 3, message: 'no such field', remedy: 'use another' })).toBe(
    'line 3: no such field: use another',
  );
  expect(textFromProblem({ line: 0, message: 'bad name "a\u001b[2J\nb"', remedy: '' })).toBe(
    'bad name "a\\x1b[2J\\nb"',
  );
});
