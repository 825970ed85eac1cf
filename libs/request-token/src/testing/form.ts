const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** The form of a page that a click sends: where to, and with which fields. */
export interface Form {
  action?: string;
  body: string;
}

/** Reads the first form that posts. Enough for pages of one button; no checkboxes, no scripts. */
export function formOf(html: string): Form | undefined {
  const forms = [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gis)];
  const form = forms.find(([, tag]) => attribute(tag, 'method')?.toLowerCase() === 'post');
  if (!form) return undefined;
  const fields = new URLSearchParams();
  for (const [, tag] of form[2].matchAll(/<input\b([^>]*)>/gis)) {
    const name = attribute(tag, 'name');
    if (name !== undefined) fields.append(name, attribute(tag, 'value') ?? '');
  }
  return { action: attribute(form[1], 'action'), body: fields.toString() };
}

function attribute(tag: string, name: string): string | undefined {
  const [, ...values] =
    new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(tag) ?? [];
  const value = values.find((text) => text !== undefined);
  return value?.replace(/&(amp|lt|gt|quot|#39);/g, (_, entity: string) => ENTITIES[entity]);
}
