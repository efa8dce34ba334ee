export interface SeededFault {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly caughtBy: readonly string[];
}
export declare const faults: readonly SeededFault[];
export declare function withFault(source: string, fault: SeededFault): string;
export declare function partsOfRig(rig: string): {
  readonly file: string;
  readonly title: string | undefined;
  readonly isWhole: boolean;
};
