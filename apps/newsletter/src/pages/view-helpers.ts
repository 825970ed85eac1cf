import Handlebars from 'handlebars';

/** What views can do besides Handlebars' own `if` and `each`. */
export const helpers = {
  eq: (a: unknown, b: unknown): boolean => a === b,

  /** `2026-11-22 09:42:39 UTC`, as the server does not know where its reader is. */
  time: (date: Date): Handlebars.SafeString => {
    const iso = date.toISOString();
    const text = iso.slice(0, 'YYYY-MM-DDThh:mm:ss'.length).replace('T', ' ');
    return new Handlebars.SafeString(`<time datetime="${iso}">${text} UTC</time>`);
  },

  /** `3 mails`, but `1 mail`. */
  count: (number: number, one: string, many: string): string =>
    `${number.toLocaleString('en')} ${number === 1 ? one : many}`,
};
