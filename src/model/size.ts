// Sizes as people write them. In code they are bytes.

const powers = ['', 'k', 'm', 'g', 't'];

/** Gives the bytes of `4096`, `500MB`, `1.5 GB` (powers of 1000), `2GiB` (powers of 1024). Undefined if it is no size. */
export function sizeBytesFromText(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])?(i)?b)?$/i.exec(text.trim());
  const prefix = (match?.[2] ?? '').toLowerCase();
  const isBinary = match?.[3] !== undefined;
  if (!match || (isBinary && prefix === '')) return undefined;
  const sizeBytes = Math.round(Number(match[1]) * (isBinary ? 1024 : 1000) ** powers.indexOf(prefix));
  return Number.isSafeInteger(sizeBytes) ? sizeBytes : undefined;
}
