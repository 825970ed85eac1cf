/**
 * Whether two paths have the same segments, however their characters are escaped (RFC 3986 section 6.2.2.2).
 * A router may tell them apart all the same.
 */
export function decodesToSame(one: string, other: string): boolean {
  const segments = one.split('/');
  const others = other.split('/');
  return segments.length === others.length && segments.every((each, index) => isSame(each, others[index]));
}

const isSame = (one: string, other: string): boolean => {
  if (one === other) return true;
  const decoded = decode(one);
  return decoded !== undefined && decoded === decode(other);
};

/** Undefined for what is no text, such as `%` or `%FF`. */
export function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
