/** Of all tokens. */
export const SCOPE = 'history';
