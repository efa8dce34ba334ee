export declare function putRows(table: {
  readonly page: string;
  readonly markers: readonly [string, string];
  readonly above: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}): void;
