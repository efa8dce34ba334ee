export declare function secondTries(
  results: {
    readonly testResults: readonly {
      readonly name: string;
      readonly assertionResults: readonly {
        readonly status: string;
        readonly fullName: string;
        readonly failureMessages: readonly string[];
      }[];
    }[];
  },
  top: string,
): readonly string[];
