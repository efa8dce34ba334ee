// Which tests passed only when they were tried again: a machine that is busy may be why, and a fault that comes now and then too, so
// nobody is to overlook them.

/** Gives a line for each, from what vitest's JSON reporter wrote; paths below `top` without it. */
export function secondTries({ testResults }, top) {
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
      .map(({ fullName, failureMessages }) => {
        const file = name.startsWith(`${top}/`) ? name.slice(top.length + 1) : name;
        return `NEEDED A SECOND TRY: ${file} > ${fullName}: ${failureMessages[0].split('\n')[0]}`;
      }),
  );
}
