import type { FactoryProvider } from '@nestjs/common';
import { Hooks } from '../common/hooks.js';
import type { PagesHooks } from '../pages/page.js';
import type { RequestHooks } from '../request/hooks.js';
import { MODULE_OPTIONS_TOKEN } from './request-token.module-definition.js';
import type { RequestTokenModuleOptions } from './request-token.options.js';
import { createSettings } from './settings.js';

/** Made for each request if the options are. */
export const hooksProvider: FactoryProvider<PagesHooks & RequestHooks> = {
  provide: Hooks,
  useFactory: (options: RequestTokenModuleOptions) => {
    const { onRefused, onUsed, sessions, render } = createSettings(options);
    return { onRefused, onUsed, sessions, render };
  },
  inject: [MODULE_OPTIONS_TOKEN],
};
