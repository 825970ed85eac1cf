/** What tokens are for that sign somebody in. */
export const SIGN_IN_SCOPE = 'sign-in';
