/**
 * Pages for people who help readers of links, mounted in the app.
 *
 * @module nestjs-request-token/admin
 */

export { RequestTokenAdminModule } from './admin.module.js';
export type {
  AdminGuard,
  AdminUser,
  RequestTokenAdminAsyncOptions,
  RequestTokenAdminOptions,
  RequestTokenAdminSettings,
  RequestTokenAdminUsers,
} from './admin.options.js';
