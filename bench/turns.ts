// Everyone in turn: A B C, A B C, … so that a noisy minute of the machine is everybody's.

/** One who is measured. `measure` gives one figure, already checked. */
export interface Contender {
  readonly name: string;
  readonly measure: () => Promise<number>;
}

/** Gives each contender's figures by its name, one a round. */
export async function inTurn(
  contenders: readonly Contender[],
  rounds: number,
  say: (text: string) => void,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const series = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    const told: string[] = [];
    for (const { name, measure } of contenders) {
      const value = await measure();
      series.get(name)?.push(value);
      told.push(`${name} ${value.toPrecision(3)}`);
    }
    say(`round ${round} of ${rounds}: ${told.join(', ')}`);
  }
  return series;
}
