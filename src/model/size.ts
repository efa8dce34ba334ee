// Sizes as people write them. In code they are bytes.

const powers = ['', 'k', 'm', 'g', 't'];

/** Gives the bytes of `4096`, `500MB`, `1.5 GB` (powers of 1000), `2GiB`, `2G` (powers of 1024, as for dd and systemd). Undefined if it is no size. */
export function sizeBytesFromText(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])(i?b)?|b)?$/i.exec(text.trim());
  const prefix = (match?.[2] ?? '').toLowerCase();
  const isBinary = match?.[3]?.toLowerCase() !== 'b';
  if (!match) return undefined;
  const sizeBytes = Math.round(Number(match[1]) * (isBinary ? 1024 : 1000) ** powers.indexOf(prefix));
  return Number.isSafeInteger(sizeBytes) ? sizeBytes : undefined;
}
