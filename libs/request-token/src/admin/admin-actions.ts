import { Inject, Injectable, Logger } from '@nestjs/common';
import { LOG_CONTEXT } from '../common/constants.js';
import type { RequestTokenAdminSettings } from './admin.options.js';
import { AdminTokens } from './admin-tokens.js';
import { ADMIN_SETTINGS } from './constants.js';

export type Action = 'revoke' | 'release' | 'revoke-user';

/** Does what a button says, and logs who pressed it. */
@Injectable()
export class AdminActions {
  private readonly logger = new Logger(LOG_CONTEXT);

  constructor(
    private readonly tokens: AdminTokens,
    @Inject(ADMIN_SETTINGS) private readonly settings: RequestTokenAdminSettings,
  ) {}

  get isReadOnly(): boolean {
    return this.settings.readOnly === true;
  }

  /**
   * @param by `request.user`, of the app
   * @returns how many tokens were revoked, or uses given back; undefined if there is no such token
   */
  async do(action: Action, id: string, by: unknown): Promise<number | undefined> {
    const count = await this.counted(action, id);
    if (count !== undefined) {
      this.logger.log(`Admin: ${nameOf(by)} did ${action} on token ${id}: ${count}`);
    }
    return count;
  }

  private async counted(action: Action, id: string): Promise<number | undefined> {
    // A deferred token has no row, and can be stopped all the same.
    if (action === 'revoke') return this.tokens.service.revoke(id);
    const row = await this.tokens.row(id);
    if (!row) return undefined;
    if (action === 'release') return this.tokens.releasePending(id);
    return row.userId === null ? undefined : this.tokens.service.revoke({ user: row.userId });
  }
}

/** What tells who it is, and nothing else of the user: in one line. */
function nameOf(user: unknown): string {
  if (typeof user !== 'object' || user === null) return user === undefined ? 'somebody' : quoted(user);
  const { id, sub, email, username } = user as Record<string, unknown>;
  return quoted(id ?? sub ?? email ?? username ?? 'somebody without an id');
}

const quoted = (value: unknown): string => JSON.stringify(String(value)).slice(0, 200);
