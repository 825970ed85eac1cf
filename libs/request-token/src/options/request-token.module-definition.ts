import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { RequestTokenModuleExtras, RequestTokenModuleOptions } from './request-token.options.js';

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<RequestTokenModuleOptions>({ moduleName: 'RequestToken' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createRequestTokenOptions')
    .setExtras<RequestTokenModuleExtras>(
      { users: undefined, dataSource: undefined, isGlobal: true, imports: [] },
      (definition, { isGlobal }) => ({ ...definition, global: isGlobal ?? true }),
    )
    .build();
