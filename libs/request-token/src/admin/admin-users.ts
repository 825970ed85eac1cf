import { Inject, Injectable, Logger } from '@nestjs/common';
import { summarizeThrown } from '../common/thrown.js';
import { LOG_CONTEXT } from '../common/constants.js';
import type { RequestTokenAdminSettings } from './admin.options.js';
import { ADMIN_SETTINGS } from './constants.js';

/** What recipients are called, and whom a text means, as the app says. */
@Injectable()
export class AdminUsers {
  private readonly logger = new Logger(LOG_CONTEXT);

  constructor(@Inject(ADMIN_SETTINGS) private readonly settings: RequestTokenAdminSettings) {}

  /** Labels by key; of whoever has none, there is none. Without them, pages work as well. */
  async labels(keys: Iterable<string | null>): Promise<Map<string, string>> {
    const { users } = this.settings;
    const labels = new Map<string, string>();
    if (!users) return labels;
    const asked = [...new Set(keys)].filter((key) => key !== null);
    await Promise.all(
      asked.map(async (key) => {
        try {
          const label = await users.label(key);
          if (typeof label === 'string' && label !== '') labels.set(key, label);
        } catch (error) {
          this.logger.warn(`users.label of the admin failed: ${summarizeThrown(error)}`);
        }
      }),
    );
    return labels;
  }

  /**
   * The keys of the users that a text may mean; without `users`, there are none.
   *
   * @throws Error if the app's `find` has
   */
  async find(text: string): Promise<string[]> {
    try {
      const found = (await this.settings.users?.find(text)) ?? [];
      return found.map((user) => String(typeof user === 'object' ? user.id : user));
    } catch (cause) {
      throw new Error(`users.find of the admin failed: ${summarizeThrown(cause)}`, { cause });
    }
  }
}
