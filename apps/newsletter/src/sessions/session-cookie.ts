export const SESSION_COOKIE = 'newsletter.sid';
