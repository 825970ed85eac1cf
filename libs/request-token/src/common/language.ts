/** @throws TypeError if it is no BCP 47 language tag */
export function assertLanguage(tag: unknown, where: string): void {
  try {
    new Intl.Locale(tag as string);
  } catch {
    throw new TypeError(`${where} must be a BCP 47 language tag such as 'en' or 'pt-BR'`);
  }
}
