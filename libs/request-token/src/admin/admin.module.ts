import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { createAdminController } from './admin.controller.js';
import {
  checkAdminAsyncOptions,
  checkAdminOptions,
  checkSettings,
  type AdminGuard,
  type RequestTokenAdminAsyncOptions,
  type RequestTokenAdminOptions,
} from './admin.options.js';
import { ADMIN_SETTINGS } from './constants.js';
import { AdminActions } from './admin-actions.js';
import { AdminAnswers } from './admin-answers.js';
import { AdminTokens } from './admin-tokens.js';
import { AdminUsers } from './admin-users.js';
import { OwnOriginGuard } from './own-origin.guard.js';

const DEFAULT_PATH = 'request-tokens';

/**
 * Pages for people who help readers of links: tokens, attempts, figures, and why a link does not work. They need no
 * JavaScript, and answer in JSON to whoever asks for it. Import it next to `RequestTokenModule`.
 *
 * @example
 * ```ts
 * RequestTokenAdminModule.register({ guards: [StaffGuard] }) // GET /request-tokens
 * ```
 * @publicApi
 */
@Module({})
export class RequestTokenAdminModule {
  /** @throws TypeError if there is no guard, or an option is wrong */
  static register(options: RequestTokenAdminOptions): DynamicModule {
    checkAdminOptions(options);
    const { readOnly, users } = options;
    return mount(options, { provide: ADMIN_SETTINGS, useValue: { readOnly, users } });
  }

  /**
   * As {@link register}, with `readOnly` and `users` from a factory. Path and guards have to be known before.
   *
   * @throws TypeError as {@link register}; of what the factory makes, at boot
   */
  static registerAsync(options: RequestTokenAdminAsyncOptions): DynamicModule {
    checkAdminAsyncOptions(options);
    const { useFactory, inject = [] } = options;
    return mount(options, {
      provide: ADMIN_SETTINGS,
      useFactory: async (...args: unknown[]) => checkSettings(await useFactory(...args)),
      inject: inject as never[],
    });
  }
}

interface Mounted {
  path?: string;
  guards: AdminGuard[];
  imports?: DynamicModule['imports'];
}

const mount = (
  { path = DEFAULT_PATH, guards, imports = [] }: Mounted,
  settings: Provider,
): DynamicModule => ({
  module: RequestTokenAdminModule,
  imports,
  controllers: [createAdminController(path, guards)],
  providers: [settings, AdminTokens, AdminUsers, AdminAnswers, AdminActions, OwnOriginGuard],
});
