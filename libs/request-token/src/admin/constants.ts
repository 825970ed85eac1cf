/** What was said of the admin, for its own providers. */
export const ADMIN_SETTINGS = Symbol('ADMIN_SETTINGS');
