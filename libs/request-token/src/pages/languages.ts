/** Scripts in use that are written from right to left. */
const RIGHT_TO_LEFT = [
  'Adlm',
  'Arab',
  'Aran',
  'Hebr',
  'Mand',
  'Nkoo',
  'Rohg',
  'Samr',
  'Syrc',
  'Thaa',
  'Yezi',
];

const usualScript = (tag: string): string | undefined => new Intl.Locale(tag).maximize().script;

/**
 * By the script that the language is written in, as a rule: Node.js 20 has no `getTextInfo()`, and what it has
 * instead takes Maldivian, and Kurdish in Arabic script, for left to right.
 */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.includes(usualScript(tag) ?? '') ? 'rtl' : 'ltr';
}

/** The form that a tag has whatever its writer calls the language: `he` for `iw`, `pt-BR` for `pt-br`. */
export const canonicalTag = (tag: string): string => new Intl.Locale(tag).baseName;

/** A language, and the script it is written in. */
interface Written {
  readonly tag: string;
  readonly language: string;
  readonly script: string | undefined;
  /** Whether the tag means just this script: it names it, or a region that has another than the others. */
  readonly isOfScript: boolean;
}

function written(tag: string): Written | undefined {
  try {
    const locale = new Intl.Locale(tag);
    const { script } = locale.maximize();
    return {
      tag: locale.baseName,
      language: locale.language,
      script,
      isOfScript:
        locale.script !== undefined || script !== new Intl.Locale(locale.language).maximize().script,
    };
  } catch {
    return undefined;
  }
}

/** Readers whose browsers say more than this do not read it all. */
const MOST_ACCEPTED = 30;

/**
 * Languages to choose from. A reader gets the nearest to the first of theirs that is there (RFC 4647 section 3.4),
 * in the right script: for `zh-CN` that is `zh-Hans`, and for `zh-TW` it is not.
 */
export class Languages {
  private readonly available: { given: string; language: Written }[];

  /** @param tags BCP 47 tags; of two that are as near, the first is taken */
  constructor(tags: readonly string[]) {
    this.available = tags.flatMap((given) => {
      const language = written(given);
      return language ? [{ given, language }] : [];
    });
  }

  /**
   * @param accepted the reader's languages, the dearest first, as `Accept-Language` has them
   * @returns the tag as it was given; undefined if none fits, or any would do (`*`)
   */
  best(accepted: readonly string[]): string | undefined {
    const scripts = new Map<string, string | undefined>();
    for (const range of accepted.slice(0, MOST_ACCEPTED)) {
      if (range === '*') return undefined;
      const wanted = written(range);
      if (!wanted) continue;
      const { tag, language, script, isOfScript } = wanted;
      // Browsers put `zh` behind `zh-TW` by themselves, which does not mean another script.
      const implied = tag === language ? scripts.get(language) : undefined;
      const found = this.nearest(implied ? { ...wanted, script: implied, isOfScript: true } : wanted);
      if (found !== undefined) return found;
      if (isOfScript && !scripts.has(language)) scripts.set(language, script);
    }
    return undefined;
  }

  private nearest(wanted: Written): string | undefined {
    let best: { given: string; nearness: number } | undefined;
    for (const { given, language } of this.available) {
      const nearness = nearnessOf(language, wanted);
      if (nearness > (best?.nearness ?? 0)) best = { given, nearness };
    }
    return best?.given;
  }
}

/** The script counts more than any subtag; 0 is something else. */
function nearnessOf(there: Written, wanted: Written): number {
  if (there.language !== wanted.language) return 0;
  const isPart = `${wanted.tag}-`.startsWith(`${there.tag}-`);
  const subtags = isPart ? there.tag.split('-').length : 0;
  if (there.script === wanted.script) return 100 + subtags;
  if (isPart) return 1 + subtags;
  return wanted.isOfScript ? 0 : 1;
}
