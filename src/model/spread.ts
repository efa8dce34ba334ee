// A number that looks random and is always the same for the same text: what keeps a thousand schedules from firing in one instant,
// on every host and after every restart alike.

/** Gives a whole number from 0 to `below` - 1 for a text. */
export function spread(text: string, below: number): number {
  // FNV-1a, and murmur's last mixing, without which neighbouring texts come to neighbouring numbers.
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return below > 0 ? ((hash ^ (hash >>> 16)) >>> 0) % below : 0;
}
