import type { LinkSettings } from '../routes/links.js';
import type { LogSettings } from '../usage/usage.service.js';

export interface RequestSettings extends LinkSettings, LogSettings {
  /** Whether the module puts its guard before all guards of the app. */
  readonly hoistGuard: boolean;
}
